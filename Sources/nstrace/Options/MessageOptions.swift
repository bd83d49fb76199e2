// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// What is said on standard error.
struct MessageOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Only warnings and errors on standard error.")
  var quiet = false
}
