// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Where the records of a run go, and in what form.
struct OutputPlan {
  /// On standard output.
  var format = RecordFormat.none
  var terminal = TerminalStyle()
  /// The number of the first record type; nil: names on standard output, and the default in the log.
  var typeBase: UInt32?
  var filter = RecordFilter()
  /// The path of the audit log, if there is one.
  var log: String?

  private var mainFormat: AnyFormat {
    switch format {
    case .audit: .audit(AuditLineFormat(typeBase: typeBase))
    case .json: .json(JSONLinesFormat())
    case .table: .table(TableFormat(terminal))
    case .none: .none
    }
  }

  func openLog() throws(SystemError) -> FileDescriptor? {
    guard let log else { return nil }
    return try .appending(log)
  }

  /// Standard output, and the audit log if there is one.
  /// - Parameter interrupt: readable when there is no time any more to wait for a reader.
  func open(interruptedBy interrupt: Int32 = -1) throws(SystemError) -> RecordOutputs {
    var log: RecordWriter<AuditLineFormat>?
    if let file = try openLog() {
      log = RecordWriter(AuditLineFormat(typeBase: typeBase ?? RecordType.defaultBase), to: file)
    }
    return RecordOutputs(
      main: RecordWriter(mainFormat, to: .standardOutput(interruptedBy: interrupt)),
      log: log, filter: filter)
  }
}
