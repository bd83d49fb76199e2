// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Whether a recording may take the place of an older file.
struct OverwriteOptions: ParsableArguments {
  @Flag(help: "Overwrite the file of the raw stream if it is not empty.")
  var force = false
}
