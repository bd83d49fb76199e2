// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// What a container's copy shows of an event (docs/routes.md). What is hidden is absent.
extension JSONLinesFormat {
  /// The call of another's task: what was called, and whether it was granted.
  static func append(
    _ call: nst_call, seenBy event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    hex("arch", UInt64(call.arch), &text)
    number("syscall", call.number, &text)
    boolean("success", call.result >= 0, &text)
    if let subject = event.seenSubject {
      appendDetails(of: call, to: &text)
      number("items", 0 as UInt32, &text)
      append(credentialsOf: subject, to: &text)
      unsafe subject.withComm { unsafe string("comm", $0, &text) }
    } else {
      number("items", 0 as UInt32, &text)
    }
    text.append(",\"key\":\"nstrace\"")
  }

  static func append(
    seenSubjectOf event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    guard let subject = event.seenSubject else { return }
    number("uid", subject.uid, &text)
    unsafe subject.withComm { unsafe string("comm", $0, &text) }
  }

  @inline(__always)
  static func number(
    _ key: StaticString, _ value: UInt32, hidden: Bool, _ text: inout TextBuffer
  ) {
    if !hidden { number(key, value, &text) }
  }

  @inline(__always)
  static func number(
    _ key: StaticString, _ value: UInt64, hidden: Bool, _ text: inout TextBuffer
  ) {
    if !hidden { number(key, value, &text) }
  }
}
