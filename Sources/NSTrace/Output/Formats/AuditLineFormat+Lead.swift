// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The SYSCALL record that audit's readers need first in an event.
///
/// ausearch's text and csv formats and aureport take subject, program and result from an event's
/// SYSCALL record alone, and describe no event without one. They name what happened by the record's
/// key.
extension AuditLineFormat {
  /// Appends the beginning of a SYSCALL record for an event that no system call caused:
  /// `syscall=-1`. It states failure with the errno if a registration was refused.
  static func appendLead(of event: borrowing AuditEvent, to text: inout TextBuffer) {
    var refusal: Int32 = 0
    for record in event.containers where refusal == 0 { refusal = record.refusal?.rawValue ?? 0 }
    text.append("arch=")
    text.append(hex: nativeArch)
    text.append(refusal == 0 ? " syscall=-1 success=yes exit=" : " syscall=-1 success=no exit=")
    text.append(signed: -Int64(refusal))
    text.append(" a0=0 a1=0 a2=0 a3=0")
  }

  /// AUDIT_ARCH_X86_64. No reader needs it where no system call is named.
  private static let nativeArch: UInt64 = 0xc000_003e

  /// Appends ` key="nstrace/create-net:[4026532281]"`: each thing that happened, a namespace
  /// spelled as in /proc/PID/ns. `ausearch -k 'net:[4026532281]'` finds all events about it.
  static func appendKey(of event: borrowing AuditEvent, to text: inout TextBuffer) {
    text.append(" key=\"nstrace")
    var left = partLimit
    for record in event.namespaces {
      guard take(&left, &text) else { break }
      append(record, toKey: &text)
    }
    for record in event.sessions {
      guard take(&left, &text) else { break }
      append(record, toKey: &text)
    }
    var last: ContainerRecord?
    for record in event.containers where !isSame(record, as: last) {
      guard take(&left, &text) else { break }
      append(record, of: event, toKey: &text)
      last = record
    }
    if let lost = event.lost {
      text.append("/lost-")
      if !event.hides(lost) {
        text.append(decimal: lost.count)
        text.append("-")
      }
      text.append(lost.kindName)
    }
    text.append("\"")
  }

  /// An event can concern thousands of tasks, and an audit line has 8,970 bytes.
  private static let partLimit = 32

  /// Counts one part; false: there is no room for it, which the key states once.
  private static func take(_ left: inout Int, _ text: inout TextBuffer) -> Bool {
    left -= 1
    if left == -1 { text.append("/more") }
    return left >= 0
  }

  private static func append(_ record: NamespaceRecord, toKey text: inout TextBuffer) {
    text.append("/")
    text.append(word(for: record))
    text.append("-")
    text.append(record.kind?.name ?? "?")
    guard let namespace = record.namespace else { return }
    text.append(":[", decimal: UInt64(namespace.inum))
    text.append("]")
  }

  /// `/begin-42`, `/end-42`: one container only, because a comma would end the column of a csv.
  private static func append(_ record: SessionRecord, toKey text: inout TextBuffer) {
    text.append("/")
    text.append(record.verb.name)
    text.append("-")
    (record.visit.containers.elements.first?.id ?? .unset).append(to: &text)
  }

  private static func word(for record: NamespaceRecord) -> StaticString {
    switch (record.verb, record.op) {
    case (.change, .assign): "assign"
    case (.change, .release): "release"
    case (.create, _): "create"
    case (.change, _): "change"
    case (.destroy, _): "destroy"
    }
  }

  private static func append(
    _ record: ContainerRecord, of event: borrowing AuditEvent, toKey text: inout TextBuffer
  ) {
    let isHidden = event.isView && record.verb == .set && record.id == .unset
    let isLeaving = record.verb == .set && record.granted && record.id == .unset
    text.append("/")
    text.append(isLeaving ? "leave" : record.verb.name)
    text.append("-")
    // A path has no bound.
    if record.cgroup != nil { return text.append("cgroup") }
    guard record.verb == .drop || isLeaving else {
      return isHidden ? text.append("?") : record.id.append(to: &text)
    }
    // The innermost ID only: a comma would end the column of a csv.
    if event.isView, record.old.isUnset { return text.append("?") }
    (record.old.elements.first?.id ?? .unset).append(to: &text)
  }

  /// Whether the record repeats the last one for another thread of the process, which the key need
  /// not name.
  private static func isSame(_ record: ContainerRecord, as last: ContainerRecord?) -> Bool {
    guard let last else { return false }
    return record.verb == last.verb && record.id == last.id && record.old == last.old
  }
}
