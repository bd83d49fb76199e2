// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// The dump that follow writes in addition to its output.
struct RecordingOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the raw stream to this file, too.", valueName: "file"),
    completion: .file())
  var record: String?

  /// Creates the file; nil: there is no recording.
  /// - Parameter overwriting: whether a file with content is emptied; else it is refused.
  /// - Throws: `SystemError`.
  func create(overwriting: Bool) throws(SystemError) -> FileDescriptor? {
    guard let record else { return nil }
    return try .creating(record, overwriting: overwriting)
  }
}
