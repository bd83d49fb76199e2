// SPDX-License-Identifier: Apache-2.0

/// What exists at one moment: the namespaces in use as a table or JSON Lines, or each task's as
/// NS_INFO records.
public struct NamespaceListing: Sendable {
  private let namespaces: [NamespaceSummary]
  private let tasks: [TaskSummary]
  private let nsfsDev: UInt64
  private let timeNs: Int64

  /// - Parameter timeNs: of the snapshot, CLOCK_REALTIME.
  public init(_ state: borrowing NamespaceState, nsfsDev: UInt64, timeNs: Int64) {
    namespaces = state.summaries
    tasks = state.taskSummaries
    self.nsfsDev = nsfsDev
    self.timeNs = timeNs
  }
}

// MARK: - For people

extension NamespaceListing {
  private enum Column {
    static let kind = 8
    static let inum = 12
    static let nsid = 8
    static let tasks = 7
    static let pid = 9
    static let user = 12
    static let command = 17
  }

  /// Appends one aligned line for each namespace in use.
  /// - Parameter userName: the name of a uid on this host; nil: it has none.
  public func writeTable(
    to text: inout TextBuffer, isColored: Bool, userName: (UInt32) -> String?
  ) {
    if isColored { text.append(TerminalColor.bold.sequence) }
    let heading: [(StaticString, Int)] = [
      ("TYPE", Column.kind), ("NAMESPACE", Column.inum), ("NSID", Column.nsid),
      ("TASKS", Column.tasks), ("PID", Column.pid), ("USER", Column.user),
      ("COMMAND", Column.command),
    ]
    for (name, width) in heading {
      let start = text.count
      text.append(name)
      text.pad(from: start, to: width)
    }
    text.append("CONTAINER")
    if isColored { text.append(TerminalColor.reset.sequence) }
    text.append("\n")
    for summary in namespaces { writeRow(summary, to: &text, userName: userName) }
  }

  private func writeRow(
    _ summary: NamespaceSummary, to text: inout TextBuffer, userName: (UInt32) -> String?
  ) {
    cell(Column.kind, &text) { $0.append(summary.namespace.kind.name) }
    cell(Column.inum, &text) { $0.append(decimal: summary.namespace.inum) }
    cell(Column.nsid, &text) {
      let nsid = summary.namespace.nsid
      if nsid != 0 { $0.append(decimal: nsid) } else { $0.append("-") }
    }
    cell(Column.tasks, &text) { $0.append(decimal: UInt64(summary.tasks)) }
    cell(Column.pid, &text) { $0.append(decimal: summary.oldestPid) }
    cell(Column.user, &text) {
      guard let uid = summary.oldestUid else { return $0.append("?") }
      if let name = userName(uid) {
        TableFormat.append(printable: Array(name.utf8), to: &$0)
      } else {
        $0.append(decimal: uid)
      }
    }
    cell(Column.command, &text) {
      TableFormat.append(printable: summary.oldestComm, to: &$0)
    }
    text.append("-\n")
  }

  private func cell(_ width: Int, _ text: inout TextBuffer, _ write: (inout TextBuffer) -> Void) {
    let start = text.count
    write(&text)
    text.pad(from: start, to: width)
  }
}

// MARK: - For programs

extension NamespaceListing {
  /// Appends one object for each namespace in use.
  public func writeJSON(to text: inout TextBuffer) {
    for summary in namespaces {
      text.append("{\"nstype\":\"")
      text.append(summary.namespace.kind.name)
      text.append("\"")
      JSONLinesFormat.device("dev", nsfsDev, &text)
      JSONLinesFormat.number("ino", summary.namespace.inum, &text)
      let nsid = summary.namespace.nsid
      if nsid != 0 { JSONLinesFormat.number("nsid", nsid, &text) }
      JSONLinesFormat.number("tasks", UInt64(summary.tasks), &text)
      JSONLinesFormat.number("pid", summary.oldestPid, &text)
      if let uid = summary.oldestUid { JSONLinesFormat.number("uid", uid, &text) }
      JSONLinesFormat.string("comm", summary.oldestComm, &text)
      let program = ProgramText(path: summary.oldestExe, marks: summary.oldestExeMarks)
      JSONLinesFormat.append(program, to: &text)
      text.append(",\"contid\":[]}\n")
    }
  }

  /// Appends one NS_INFO record for each task, as audit lines.
  public func writeAudit(_ format: AuditLineFormat, to text: inout TextBuffer) {
    for (index, task) in tasks.enumerated() {
      format.beginRecord(.nsInfo, timeNs: timeNs, serial: UInt64(index + 1), to: &text)
      AuditLineFormat.append(task, dev: nsfsDev, to: &text)
      AuditLineFormat.append(res: true, to: &text)
    }
  }
}
