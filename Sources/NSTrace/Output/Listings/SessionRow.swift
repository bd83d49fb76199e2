// SPDX-License-Identifier: Apache-2.0

/// A container session as a row of a table.
enum SessionRow {
  private enum Column {
    static let session = 6
    static let container = 38
    static let name = 16
    static let login = 7
    static let ses = 6
    static let uid = 7
    static let pid = 9
    static let time = 22
    static let way = 16
    static let count = 9
  }

  /// The client wraps the lines for its terminal.
  private static let style = TerminalStyle(isUnicode: true)

  static func writeHeading(to text: inout TextBuffer) {
    let heading: [(StaticString, Int)] = [
      ("CSES", Column.session), ("CONTAINER", Column.container), ("NAME", Column.name),
      ("AUID", Column.login), ("SES", Column.ses), ("UID", Column.uid), ("PID", Column.pid),
      ("FROM (UTC)", Column.time), ("TO", Column.time), ("HOW", Column.way), ("END", Column.way),
      ("CREATED", Column.count), ("CHANGED", Column.count), ("DESTROYED", Column.count + 1),
      ("REFUSED", Column.count),
    ]
    var row = TableRow(style)
    for (name, width) in heading { row.cell(name, width, &text) }
    text.append("COMMAND\n")
  }

  static func write(
    _ session: SessionLog.Entry, showsRecords: Bool, to text: inout TextBuffer
  ) {
    var row = TableRow(style)
    row.cell(session.begin.visit.session, Column.session, &text)
    writeContainer(session.begin, &row, &text)
    writeEntrant(session.begin.entrant, &row, &text)
    row.cell(Column.time, &text) { Timestamp(session.beganNs).appendSecond(to: &$0) }
    write(session.end?.timeNs, &row, &text)
    row.cell(Column.way, &text) { session.begin.way.append(to: &$0) }
    if let end = session.end {
      row.cell(Column.way, &text) { end.way.append(to: &$0) }
    } else {
      row.cell("-", Column.way, &text)
    }
    write(session.counts, &row, &text)
    writeCommand(session.begin, to: &text)
    if showsRecords, session.leftOut > 0 {
      text.append(" (\(session.leftOut) earlier events are not kept)")
    }
    text.append("\n")
  }

  /// One container, and how many others there are.
  private static func writeContainer(
    _ record: SessionRecord, _ row: inout TableRow, _ text: inout TextBuffer
  ) {
    let elements = record.visit.containers.elements
    row.cell(Column.container, &text) { text in
      (elements.first?.id ?? .unset).append(to: &text)
      if elements.count > 1 { text.append(",+", decimal: UInt64(elements.count - 1)) }
    }
    row.cell(name: record.name(at: 0) ?? [UInt8(ascii: "-")], Column.name, &text)
  }

  private static func writeEntrant(
    _ entrant: EventActor?, _ row: inout TableRow, _ text: inout TextBuffer
  ) {
    row.cell(known(entrant?.auid), Column.login, &text)
    row.cell(known(entrant?.session), Column.ses, &text)
    row.cell(entrant?.uid, Column.uid, &text)
    row.cell(entrant?.pid, Column.pid, &text)
  }

  /// A login or a session of audit's; nil: none.
  private static func known(_ number: UInt32?) -> UInt32? { number == UInt32.max ? nil : number }

  private static func write(_ timeNs: Int64?, _ row: inout TableRow, _ text: inout TextBuffer) {
    guard let timeNs else { return row.cell("-", Column.time, &text) }
    row.cell(Column.time, &text) { Timestamp(timeNs).appendSecond(to: &$0) }
  }

  private static func write(
    _ counts: SessionCounts, _ row: inout TableRow, _ text: inout TextBuffer
  ) {
    row.cell(counts.created, Column.count, &text)
    row.cell(counts.changed, Column.count, &text)
    row.cell(counts.destroyed, Column.count + 1, &text)
    row.cell(counts.refused, Column.count, &text)
  }

  private static func writeCommand(_ record: SessionRecord, to text: inout TextBuffer) {
    guard let entrant = record.entrant else { return text.append("?") }
    TerminalText.asked.append(entrant.comm, to: &text)
    guard !record.program.isEmpty else { return }
    text.append(" ")
    TerminalText.asked.append(record.program, to: &text)
  }
}
