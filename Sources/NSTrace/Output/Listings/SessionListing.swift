// SPDX-License-Identifier: Apache-2.0

/// The container sessions, one a line, each followed by its records if they are asked for: the output
/// of `nstrace sessions`.
package struct SessionListing: LineMaker {
  private let format: ContainerFormat
  private let showsRecords: Bool
  private let sessions: [SessionLog.Entry]
  private let forgotten: UInt64
  private var next = 0
  private var isHeadingDue: Bool
  private var isEndDue = true
  /// The lines of the last session's records that are still to be given.
  private var records: [ArraySlice<UInt8>] = []

  /// - Parameter showsRecords: whether the records of the sessions are shown, as far as they are kept.
  package init(_ log: SessionLog, as format: ContainerFormat, showsRecords: Bool) {
    self.format = format
    self.showsRecords = showsRecords
    sessions = log.sessions
    forgotten = log.forgotten
    isHeadingDue = format == .table
  }

  package mutating func writeNext(to text: inout TextBuffer) -> Bool {
    if isHeadingDue {
      isHeadingDue = false
      SessionRow.writeHeading(to: &text)
    } else if let record = records.popLast() {
      if format == .table { text.append("  ") }
      text.append(raw: record)
      text.append("\n")
    } else if next < sessions.count {
      write(sessions[next], to: &text)
      next += 1
    } else if isEndDue, forgotten > 0 {
      isEndDue = false
      writeForgotten(to: &text)
    } else {
      return false
    }
    return true
  }

  private mutating func write(_ session: SessionLog.Entry, to text: inout TextBuffer) {
    switch format {
    case .json: Self.writeJSON(session, showsRecords: showsRecords, to: &text)
    case .table: SessionRow.write(session, showsRecords: showsRecords, to: &text)
    }
    if showsRecords { records = lines(of: session.events).reversed() }
  }

  private func lines(of events: [AuditEvent]) -> [ArraySlice<UInt8>] {
    var text = TextBuffer()
    switch format {
    case .json:
      var format = JSONLinesFormat()
      for event in events { format.write(event, to: &text) }
    case .table:
      var format = AuditLineFormat()
      for event in events { format.write(event, to: &text) }
    }
    return text.bytes.split(separator: UInt8(ascii: "\n"))
  }

  private func writeForgotten(to text: inout TextBuffer) {
    switch format {
    case .json:
      text.append("{\"type\":\"forgotten\"")
      JSONLinesFormat.number("sessions", forgotten, &text)
      text.append("}\n")
    case .table:
      text.append(decimal: forgotten)
      text.append(forgotten == 1 ? " session is" : " sessions are")
      text.append(" not kept any more\n")
    }
  }
}

// MARK: - For programs

extension SessionListing {
  private static func writeJSON(
    _ session: SessionLog.Entry, showsRecords: Bool, to text: inout TextBuffer
  ) {
    text.append("{\"type\":\"session\"")
    JSONLinesFormat.number("cses", session.begin.visit.session, &text)
    writeJSON(session.begin, to: &text)
    if let entrant = session.begin.entrant {
      JSONLinesFormat.append(entrant, session.begin.program, to: &text)
    }
    JSONLinesFormat.number("opid", session.begin.opid, &text)
    JSONLinesFormat.time("from", session.beganNs, &text)
    JSONLinesFormat.append(session.begin.way, to: &text)
    if session.begin.way.isLate { JSONLinesFormat.boolean("late", true, &text) }
    if let end = session.end {
      JSONLinesFormat.time("to", end.timeNs, &text)
      JSONLinesFormat.append(end.way, key: "end", to: &text)
    }
    writeJSON(session.counts, to: &text)
    if showsRecords, session.leftOut > 0 {
      JSONLinesFormat.number("events_left_out", session.leftOut, &text)
    }
    text.append("}\n")
  }

  private static func writeJSON(_ record: SessionRecord, to text: inout TextBuffer) {
    JSONLinesFormat.key("containers", &text)
    text.append("[")
    for (index, element) in record.visit.containers.elements.enumerated() {
      text.append(index == 0 ? "{\"contid\":\"" : ",{\"contid\":\"")
      element.id.append(to: &text)
      text.append("\"")
      if let name = record.name(at: index) { JSONLinesFormat.string("name", name, &text) }
      text.append("}")
    }
    text.append("]")
  }

  private static func writeJSON(_ counts: SessionCounts, to text: inout TextBuffer) {
    JSONLinesFormat.number("created", counts.created, &text)
    JSONLinesFormat.number("changed", counts.changed, &text)
    JSONLinesFormat.number("destroyed", counts.destroyed, &text)
    JSONLinesFormat.number("refused", counts.refused, &text)
    JSONLinesFormat.number("registered", counts.registered, &text)
  }
}
