// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// Records for people: one line for each thing that happened to a namespace, in aligned columns.
///
/// SYSCALL and PROCTITLE records give their contents to the line's columns.
public struct TableFormat: RecordFormat {
  public var isColored: Bool

  public init(isColored: Bool = false) { self.isColored = isColored }

  private enum Column {
    static let time = 14
    static let what = 9
    static let op = 9
    static let kind = 8
    static let namespace = 12
    static let task = 9
    static let user = 11
  }

  public mutating func writeHeading(to text: inout TextBuffer) {
    color(.bold, &text)
    cell("TIME (UTC)", Column.time, &text)
    cell("WHAT", Column.what, &text)
    cell("BY", Column.op, &text)
    cell("TYPE", Column.kind, &text)
    cell("NAMESPACE", Column.namespace, &text)
    cell("BEFORE", Column.namespace, &text)
    cell("TASK", Column.task, &text)
    cell("UID", Column.user, &text)
    text.append("COMMAND")
    color(.reset, &text)
    text.append("\n")
  }

  public mutating func write(_ event: borrowing AuditEvent, to text: inout TextBuffer) {
    for record in event.namespaces { write(record, event, to: &text) }
    for record in event.containers { write(record, event, to: &text) }
    if let lost = event.lost { write(lost, event, to: &text) }
  }

  private func write(
    _ record: NamespaceRecord, _ event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    appendTime(event.timeNs, &text)
    color(Self.color(of: record), &text)
    cell(Self.word(for: record), Column.what, &text)
    color(.reset, &text)
    cell(record.op.name, Column.op, &text)
    cell(record.kind?.name ?? "?", Column.kind, &text)
    cell(record.namespace?.inum, &text)
    cell(record.old?.inum, &text)
    number(record.opid, Column.task, &text)
    appendSubject(of: event, &text)
    if !record.granted, let call = event.call {
      text.append(" (")
      text.append(SystemError.text(Int32(truncatingIfNeeded: 0 &- call.result)))
      text.append(")")
    }
    if record.isPinned == true { text.append(" (pinned)") }
    text.append("\n")
  }

  private func write(
    _ record: ContainerRecord, _ event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    appendTime(event.timeNs, &text)
    color(record.granted ? .yellow : .magenta, &text)
    cell(Self.word(for: record), Column.what, &text)
    color(.reset, &text)
    cell(record.verb.name, Column.op, &text)
    cell("-", Column.kind, &text)
    cell("-", Column.namespace, &text)
    cell("-", Column.namespace, &text)
    number(record.opid, Column.task, &text)
    appendSubject(of: event, &text)
    text.append(" container ")
    if Self.isEntry(record) { record.id.append(to: &text) } else { record.old.append(to: &text) }
    if !record.name.isEmpty {
      text.append(" ")
      Self.append(printable: record.name, to: &text)
    }
    if let change = record.confinement { Self.append(change, to: &text) }
    if let refusal = record.refusal {
      text.append(" (")
      text.append(refusal.name)
      text.append(")")
    }
    text.append("\n")
  }

  private static func word(for record: ContainerRecord) -> StaticString {
    if !record.granted { return "refused" }
    return switch record.verb {
    case .drop: "end"
    case .update: "update"
    case .set: isEntry(record) ? "register" : "leave"
    }
  }

  /// ` nnp=1 seccomp=2`: of the two what has changed.
  private static func append(_ change: ContainerConfinement.Change, to text: inout TextBuffer) {
    if change.new.hasNoNewPrivs != change.old.hasNoNewPrivs {
      text.append(change.new.hasNoNewPrivs ? " nnp=1" : " nnp=0")
    }
    if change.new.seccomp != change.old.seccomp {
      text.append(" seccomp=")
      text.append(decimal: UInt64(change.new.seccomp))
    }
  }

  /// As opposed to one of a task that leaves its container for a cgroup that is no container's.
  private static func isEntry(_ record: ContainerRecord) -> Bool {
    record.verb == .set && (record.id != .unset || !record.granted)
  }

  private func write(
    _ lost: LostRecord, _ event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    appendTime(event.timeNs, &text)
    color(.red, &text)
    cell("lost", Column.what, &text)
    color(.reset, &text)
    if lost.cause == .off { text.append("?") } else { text.append(decimal: lost.count) }
    text.append(" records (")
    text.append(lost.kindName)
    if lost.cause == .unexplained {
      return text.append("): who made their namespaces is not known, too many came in meanwhile\n")
    }
    text.append(lost.resynced ? ") were lost; the state is whole again" : "): ")
    if !lost.resynced { text.append(Self.reason(for: lost.cause)) }
    text.append("\n")
  }

  private static func reason(for cause: LostRecord.Cause) -> StaticString {
    switch cause {
    case .full: "the ring was full"
    case .skipped: "the kernel skipped a program that was preempted"
    case .off: "kernel.ftrace_enabled was 0"
    case .unexplained: "too many came in meanwhile"
    }
  }

  private func appendTime(_ timeNs: Int64, _ text: inout TextBuffer) {
    let start = text.count
    let time = Timestamp(timeNs)
    time.appendClock(to: &text)
    text.append(".")
    text.append(decimal: UInt64(time.nanosecond / 1_000_000), minimumDigits: 3)
    text.pad(from: start, to: Column.time)
  }

  private func appendSubject(of event: borrowing AuditEvent, _ text: inout TextBuffer) {
    guard let subject = event.subject else { return text.append("?") }
    number(subject.uid, Column.user, &text)
    Self.append(printable: subject.commBytes, to: &text)
    guard !event.exe.isEmpty else { return }
    text.append(" ")
    color(.dim, &text)
    Self.append(event.program, to: &text)
    color(.reset, &text)
  }

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

  private func cell(_ value: StaticString, _ width: Int, _ text: inout TextBuffer) {
    let start = text.count
    text.append(value)
    text.pad(from: start, to: width)
  }

  private func cell(_ inum: UInt32?, _ text: inout TextBuffer) {
    guard let inum else { return cell("-", Column.namespace, &text) }
    number(inum, Column.namespace, &text)
  }

  private func number(_ value: UInt32, _ width: Int, _ text: inout TextBuffer) {
    let start = text.count
    text.append(decimal: value)
    text.pad(from: start, to: width)
  }

  private func color(_ color: TerminalColor, _ text: inout TextBuffer) {
    if isColored { text.append(color.sequence) }
  }

  /// Text that a traced process chose, as it is where a terminal can take it: other bytes as `\xNN`.
  /// A space too, so that a name does not look like two fields.
  static func append(printable value: [UInt8], to text: inout TextBuffer) {
    for byte in value {
      if byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "\\") {
        text.append(byte: byte)
      } else {
        text.append("\\x")
        text.append(hex: UInt64(byte), minimumDigits: 2)
      }
    }
  }
}

/// What colours a terminal's text.
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
