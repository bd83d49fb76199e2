// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// The outputs of a run: their formats, files and filter.
struct OutputPlan {
  /// The format on standard output.
  var format = RecordFormat.none
  var terminal = TerminalStyle()
  /// The number of the first record type; nil: names on standard output, and the default in the log.
  var typeBase: UInt32?
  var filter = RecordFilter()
  /// The path of the audit log; nil: none.
  var log: String?

  private var mainFormat: AnyFormat {
    switch format {
    case .audit: .audit(AuditLineFormat(typeBase: typeBase))
    case .json: .json(JSONLinesFormat())
    case .table: .table(TableFormat(terminal))
    case .none: .none
    }
  }

  /// Opens the audit log before the sandbox, which forbids to look into it.
  private func openFirstLog() throws(SystemError) -> FileDescriptor? {
    if let log, DumpSource.isDump(path: log) {
      throw SystemError("append text to \(log), which is a dump: give another name", errno: EEXIST)
    }
    return try openLog()
  }

  /// Opens the audit log for appending; nil: there is none.
  /// - Throws: `SystemError`.
  func openLog() throws(SystemError) -> FileDescriptor? {
    guard let log else { return nil }
    return try .appending(log)
  }

  /// Opens standard output and the audit log.
  /// - Parameter interrupt: a descriptor; once it is readable, writes no longer wait for a slow reader.
  /// - Throws: `SystemError` if the log cannot be opened, or is a dump.
  func open(interruptedBy interrupt: Int32 = -1) throws(SystemError) -> RecordOutputs {
    var log: RecordWriter<AuditLineFormat>?
    if let file = try openFirstLog() {
      log = RecordWriter(AuditLineFormat(typeBase: typeBase ?? RecordType.defaultBase), to: file)
    }
    return RecordOutputs(
      main: RecordWriter(mainFormat, to: .standardOutput(interruptedBy: interrupt)),
      log: log, filter: filter)
  }
}
