// SPDX-License-Identifier: Apache-2.0

/// The namespaces in use at one moment, as a table or JSON Lines, or each task's as NS_INFO
/// records.
package struct NamespaceListing: Sendable {
  private let namespaces: [NamespaceSummary]
  private let tasks: [TaskSummary]
  private let nsfsDev: UInt64
  private let timeNs: Int64

  /// - Parameter timeNs: the snapshot's CLOCK_REALTIME, nanoseconds.
  package init(_ state: borrowing NamespaceState, nsfsDev: UInt64, timeNs: Int64) {
    namespaces = state.summaries
    tasks = state.taskSummaries
    self.nsfsDev = nsfsDev
    self.timeNs = timeNs
  }
}

// MARK: - For people

extension NamespaceListing {
  private struct Widths {
    let kind, inum, nsid, tasks, pid, user, command: Int

    static let roomy = Widths(
      kind: 8, inum: 12, nsid: 8, tasks: 7, pid: 9, user: 12, command: 17)
    static let narrow = Widths(kind: 7, inum: 11, nsid: 10, tasks: 6, pid: 8, user: 11, command: 16)
  }

  /// Appends one aligned line for each namespace in use.
  /// - Parameter userName: the name of a uid on this host; nil: it has none.
  package func writeTable(
    to text: inout TextBuffer, _ style: TerminalStyle, userName: (UInt32) -> String?
  ) {
    let widths = style.isNarrow ? Widths.narrow : .roomy
    var row = TableRow(style)
    row.heading(
      [
        ("TYPE", widths.kind), ("NAMESPACE", widths.inum), ("NSID", widths.nsid),
        ("TASKS", widths.tasks), ("PID", widths.pid), ("USER", widths.user),
        ("COMMAND", widths.command),
      ], "CONTAINER", &text)
    for summary in namespaces { write(summary, style, widths, to: &text, userName: userName) }
  }

  private func write(
    _ summary: NamespaceSummary, _ style: TerminalStyle, _ widths: Widths,
    to text: inout TextBuffer, userName: (UInt32) -> String?
  ) {
    var row = TableRow(style)
    let namespace = summary.namespace
    row.cell(namespace.kind.name, widths.kind, &text)
    row.cell(namespace.inum, widths.inum, &text)
    row.cell(namespace.nsid == 0 ? nil : namespace.nsid, widths.nsid, &text)
    row.cell(UInt64(summary.tasks), widths.tasks, &text)
    row.cell(summary.oldestPid, widths.pid, &text)
    let user = summary.oldestUid.map { userName($0) ?? "\($0)" } ?? "?"
    row.cell(name: Array(user.utf8), widths.user, &text)
    row.cell(name: summary.oldestComm, widths.command, &text)
    text.append("-\n")
  }
}

// MARK: - For programs

extension NamespaceListing {
  /// Appends one object for each namespace in use.
  package func writeJSON(to text: inout TextBuffer) {
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
  package func writeAudit(_ format: AuditLineFormat, to text: inout TextBuffer) {
    for (index, task) in tasks.enumerated() {
      format.beginRecord(.nsInfo, timeNs: timeNs, serial: UInt64(index + 1), to: &text)
      AuditLineFormat.append(task, dev: nsfsDev, to: &text)
      AuditLineFormat.append(res: true, to: &text)
    }
  }
}
