// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Writes records for people: one line for each thing that happened to a namespace, in aligned
/// columns.
///
/// The columns have the contents of SYSCALL and PROCTITLE records. On a narrow terminal the columns
/// are closer, times have no milliseconds, and the end of a line is elided.
package struct TableFormat: RecordFormat {
  private(set) var style: TerminalStyle
  var widths: Widths { style.isNarrow ? .narrow : .roomy }

  package init(_ style: TerminalStyle = TerminalStyle()) { self.style = style }

  package mutating func resize(columns: Int?) -> Bool {
    let wasNarrow = style.isNarrow
    style.columns = columns
    return style.isNarrow != wasNarrow
  }

  struct Widths {
    let time, what, op, kind, namespace, task, user: Int

    static let roomy = Widths(
      time: 14, what: 9, op: 9, kind: 8, namespace: 12, task: 9, user: 11)
    static let narrow = Widths(time: 9, what: 9, op: 8, kind: 7, namespace: 11, task: 7, user: 4)
  }

  package mutating func writeHeading(to text: inout TextBuffer) {
    var row = TableRow(style)
    row.heading(
      [
        (style.isNarrow ? "UTC" : "TIME (UTC)", widths.time), ("WHAT", widths.what),
        ("BY", widths.op), ("TYPE", widths.kind), ("NAMESPACE", widths.namespace),
        ("BEFORE", widths.namespace), ("TASK", widths.task), ("UID", widths.user),
      ], "COMMAND", &text)
  }

  package mutating func write(_ event: borrowing AuditEvent, to text: inout TextBuffer) {
    for record in event.namespaces { write(record, event, to: &text) }
    for record in event.sessions { write(record, event, to: &text) }
    for record in event.containers { write(record, event, to: &text) }
    if let lost = event.lost { write(lost, event, to: &text) }
  }

  private func write(
    _ record: NamespaceRecord, _ event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    var row = begin(event.timeNs, Self.word(for: record), Self.color(of: record), &text)
    row.cell(record.op.name, widths.op, &text)
    row.cell(record.kind?.name ?? "?", widths.kind, &text)
    row.cell(record.namespace?.inum, widths.namespace, &text)
    row.cell(record.old?.inum, widths.namespace, &text)
    row.cell(record.opid, widths.task, &text)
    let note = note(on: record, event)
    appendSubject(of: event, leaving: note.utf8.count, &row, &text)
    text.append(note)
    text.endRecord()
  }

  /// ` (Operation not permitted)`, or on a narrow terminal `: EPERM`; ` (pinned)`.
  private func note(on record: NamespaceRecord, _ event: borrowing AuditEvent) -> String {
    if !record.granted, let call = event.call {
      let errno = Int32(truncatingIfNeeded: 0 &- call.result)
      return style.isNarrow
        ? ": \(SystemError.name(of: errno))" : " (\(SystemError.text(errno)))"
    }
    return record.isPinned == true ? " (pinned)" : ""
  }

  /// A container, by name if it has one, or a cgroup takes the column of a namespace.
  private func write(
    _ record: ContainerRecord, _ event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    let color: TerminalColor = record.granted ? .yellow : .magenta
    var row = begin(event.timeNs, Self.word(for: record), color, &text)
    row.cell(record.verb.name, widths.op, &text)
    if style.columns != nil {
      let width = widths.kind + 2 * widths.namespace
      row.cell(name: record.name.isEmpty ? Self.holder(of: record) : record.name, width, &text)
    } else {
      row.cell("-", widths.kind, &text)
      row.cell("-", widths.namespace, &text)
      row.cell("-", widths.namespace, &text)
    }
    row.cell(record.opid, widths.task, &text)
    let change = record.confinement.map(Self.words(for:)) ?? ""
    let refusal = record.refusal.map { style.isNarrow ? ": \($0.name)" : " (\($0.name))" } ?? ""
    // A narrow line has room for the change or the subject, not both.
    if !style.isNarrow || change.isEmpty {
      appendSubject(of: event, leaving: change.utf8.count + refusal.utf8.count, &row, &text)
    }
    if style.columns == nil {
      text.append(record.cgroup == nil ? " container " : " cgroup ")
      style.text.append(Self.holder(of: record), to: &text)
      if !record.name.isEmpty {
        text.append(" ")
        style.text.append(record.name, to: &text)
      }
    }
    text.append(change)
    text.append(refusal)
    text.endRecord()
  }

  /// The container takes the column of a namespace; the entrant, or the last task, is the subject.
  private func write(
    _ record: SessionRecord, _ event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    var row = begin(event.timeNs, "session", .yellow, &text)
    row.cell(record.verb.name, widths.op, &text)
    if style.columns != nil {
      let container = Self.brief(record.visit.containers)
      row.cell(name: container, widths.kind + 2 * widths.namespace, &text)
    } else {
      row.cell("-", widths.kind, &text)
      row.cell("-", widths.namespace, &text)
      row.cell("-", widths.namespace, &text)
    }
    row.cell(record.opid, widths.task, &text)
    let note = " cses=\(record.visit.session)"
    appendSubject(of: event, leaving: note.utf8.count, &row, &text)
    if style.columns == nil {
      text.append(" container ")
      record.visit.containers.append(to: &text)
    }
    text.append(note)
    text.endRecord()
  }

  /// The first ID, and how many others there are.
  static func brief(_ list: ContainerList) -> [UInt8] {
    let others = list.elements.count - 1
    let first = list.elements.first.map { "\($0.id)" } ?? "?"
    return Array((others > 0 ? "\(first),+\(others)" : first).utf8)
  }

  /// The ID of the container, or the path of the cgroup.
  private static func holder(of record: ContainerRecord) -> [UInt8] {
    if let cgroup = record.cgroup { return cgroup.isEmpty ? [UInt8(ascii: "?")] : cgroup.visible }
    return Array((isEntry(record) ? "\(record.id)" : "\(record.old)").utf8)
  }

  private static func word(for record: ContainerRecord) -> StaticString {
    if !record.granted { return "refused" }
    return switch record.verb {
    case .drop: "end"
    case .update: "update"
    case .set: isEntry(record) ? "register" : "leave"
    }
  }

  /// ` nnp=1 seccomp=2`: those of the two that have changed.
  private static func words(for change: ContainerConfinement.Change) -> String {
    let (new, old) = (change.new, change.old)
    let nnp = new.hasNoNewPrivs ? " nnp=1" : " nnp=0"
    return (new.hasNoNewPrivs == old.hasNoNewPrivs ? "" : nnp)
      + (new.seccomp == old.seccomp ? "" : " seccomp=\(new.seccomp)")
  }

  /// Whether the task enters a container; false: it leaves one for a cgroup of no container.
  private static func isEntry(_ record: ContainerRecord) -> Bool {
    record.verb == .set && (record.id != .unset || !record.granted)
  }

  private func write(
    _ lost: LostRecord, _ event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    _ = begin(event.timeNs, "lost", .red, &text)
    if lost.cause == .off { text.append("?") } else { text.append(decimal: lost.count) }
    text.append(" records (")
    text.append(lost.kindName)
    if lost.resynced {
      text.append(style.isNarrow ? ") lost; " : ") were lost; ")
      text.append("the state is whole again")
    } else if let uid = lost.share?.uid {
      text.append("): beyond the share of uid ", decimal: UInt64(uid))
    } else {
      text.append("): ")
      text.append(style.isNarrow ? Self.shortReason(for: lost.cause) : Self.reason(for: lost.cause))
    }
    text.endRecord()
  }

  private static func reason(for cause: LostRecord.Cause) -> StaticString {
    switch cause {
    case .full: "the ring was full"
    case .skipped: "the kernel skipped a program that was preempted"
    case .off: "kernel.ftrace_enabled was 0"
    case .unexplained: "who made their namespaces was not known in time"
    case .storage: "no memory to keep the sets that they report"
    case .share: "beyond their users' shares"
    case .stdout: "standard output was not read in time"
    case .route: "a container's copy was not read in time"
    case .log: "the log could not be written"
    case .rate: "more than audit messages may be sent"
    case .trail: "the kernel's audit did not take them in time"
    case .dump: "the recording had no room"
    case .forgotten: "there were too many without tasks"
    case .audit: "they were not read in time"
    case .backlog: "the kernel's backlog was full"
    }
  }

  private static func shortReason(for cause: LostRecord.Cause) -> StaticString {
    switch cause {
    case .full: "the ring was full"
    case .skipped: "a program was skipped"
    case .off: "ftrace_enabled was 0"
    case .unexplained: "their makers are not known"
    case .storage: "no memory for their sets"
    case .share: "beyond their users' shares"
    case .stdout: "output was not read"
    case .route: "a copy was not read"
    case .log: "the log was not written"
    case .rate: "too many for audit"
    case .trail: "audit did not take them"
    case .dump: "the recording had no room"
    case .forgotten: "there were too many"
    case .audit: "they were not read"
    case .backlog: "the backlog was full"
    }
  }

  /// Appends the time and what happened.
  func begin(
    _ timeNs: Int64, _ word: StaticString, _ color: TerminalColor, _ text: inout TextBuffer
  ) -> TableRow {
    var row = TableRow(style)
    let time = Timestamp(timeNs)
    row.cell(widths.time, &text) {
      time.appendClock(to: &$0)
      guard !style.isNarrow else { return }
      $0.append(".")
      $0.append(decimal: UInt64(time.nanosecond / 1_000_000), minimumDigits: 3)
    }
    row.color(color, &text)
    row.cell(word, widths.what, &text)
    row.color(.reset, &text)
    return row
  }

  /// - Parameter reserved: the columns to leave free for what follows.
  private func appendSubject(
    of event: borrowing AuditEvent, leaving reserved: Int, _ row: inout TableRow,
    _ text: inout TextBuffer
  ) {
    guard let subject = event.subject else { return row.append("?", &text) }
    row.cell(subject.uid, widths.user, &text)
    row.append(name: subject.commBytes, reserving: reserved, &text)
    let suffix = event.exeMarks.contains(.deleted) ? ProgramText.deletedSuffix.count : 0
    guard !event.exe.isEmpty, row.hasRoom(for: reserved + suffix + Self.shortestProgram) else {
      return
    }
    row.append(" ", &text)
    row.color(.dim, &text)
    row.append(event.program, reserving: reserved, &text)
    row.color(.reset, &text)
  }

  /// The columns below which a program's path is left out: ` /usr/bin/u…` is the shortest useful
  /// text.
  static let shortestProgram = 12

  private static func word(for record: NamespaceRecord) -> StaticString {
    if !record.granted { return "refused" }
    return switch record.verb {
    case .create: "create"
    case .change: "change"
    case .destroy: "destroy"
    }
  }

  private static func color(of record: NamespaceRecord) -> TerminalColor {
    if !record.granted { return .magenta }
    return switch record.verb {
    case .create: .green
    case .change: .yellow
    case .destroy: .red
    }
  }
}

/// The colours of a terminal's text.
enum TerminalColor {
  case bold, dim, red, green, yellow, magenta, reset

  var sequence: StaticString {
    switch self {
    case .bold: "\u{1b}[1m"
    case .dim: "\u{1b}[2m"
    case .red: "\u{1b}[31m"
    case .green: "\u{1b}[32m"
    case .yellow: "\u{1b}[33m"
    case .magenta: "\u{1b}[35m"
    case .reset: "\u{1b}[0m"
    }
  }
}
