// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The dump that follow writes in addition to its output.
struct RecordingOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the raw stream to this file, too.", valueName: "file"),
    completion: .file())
  var record: String?
}
