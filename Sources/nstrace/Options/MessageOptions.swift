// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// What is said on standard error.
struct MessageOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "No messages on standard error but errors.")
  var quiet = false
}
