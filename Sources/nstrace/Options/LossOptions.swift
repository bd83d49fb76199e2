// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// What the exit status says of lost records.
struct LossOptions: ParsableArguments {
  @Flag(help: "Exit with status 1 if records were lost, as NS_LOST says.")
  var strict = false
}
