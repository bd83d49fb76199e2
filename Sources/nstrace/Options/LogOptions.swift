// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// The file of the audit log.
struct LogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Append all records to this file, for ausearch -if.", valueName: "file"),
    completion: .file())
  var auditLog: String?

  func validate() throws {
    if let auditLog, ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(auditLog) {
      throw ValidationError(
        "--audit-log writes a file: for standard output use --format audit --type-base "
          + "\(RecordType.defaultBase)")
    }
  }
}
