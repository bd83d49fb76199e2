// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Which messages are written to standard error.
struct MessageOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Write only warnings and errors to standard error.")
  var quiet = false
}
