// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Whether lost records make the command fail.
struct LossOptions: ParsableArguments {
  @Flag(help: "Exit with status 1 if records were lost (NS_LOST).")
  var strict = false
}
