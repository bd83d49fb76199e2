// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// What is shown of container sessions.
struct SessionOptions: ParsableArguments {
  @Flag(help: "Also the records of each session.")
  var records = false
}
