// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// What a container's copy shows of an event (docs/routes.md).
extension AuditLineFormat {
  /// The call of another's task: what was called, and whether it was granted.
  static func append(hidden call: nst_call, to text: inout TextBuffer) {
    text.append("arch=")
    text.append(hex: UInt64(call.arch))
    field(" syscall=", call.number, &text)
    text.append(call.result < 0 ? " success=no" : " success=yes")
    text.append(" exit=? a0=? a1=? a2=? a3=?")
  }

  /// In the order of `appendActor`.
  static func append(
    seenActorOf event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    text.append(" items=0 ppid=? pid=? auid=?")
    let subject = event.seenSubject
    field(" uid=", subject?.uid ?? 0, hidden: subject == nil, &text)
    field(" gid=", subject?.gid ?? 0, hidden: subject == nil, &text)
    field(" euid=", subject?.euid ?? 0, hidden: subject == nil, &text)
    field(" suid=", subject?.suid ?? 0, hidden: subject == nil, &text)
    field(" fsuid=", subject?.fsuid ?? 0, hidden: subject == nil, &text)
    field(" egid=", subject?.egid ?? 0, hidden: subject == nil, &text)
    field(" sgid=", subject?.sgid ?? 0, hidden: subject == nil, &text)
    field(" fsgid=", subject?.fsgid ?? 0, hidden: subject == nil, &text)
    text.append(" tty=? ses=?")
    appendName(of: subject, to: &text)
    text.append(" subj=?")
  }

  /// In the order of `appendSubject`.
  static func append(
    seenSubjectOf event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    let subject = event.seenSubject
    text.append(" pid=?")
    field(" uid=", subject?.uid ?? 0, hidden: subject == nil, &text)
    text.append(" auid=? ses=?")
    appendName(of: subject, to: &text)
  }

  private static func appendName(of subject: nst_subject?, to text: inout TextBuffer) {
    text.append(" comm=")
    if let subject {
      unsafe subject.withComm { unsafe append(untrusted: $0, to: &text) }
    } else {
      text.append("?")
    }
    text.append(" exe=?")
  }

  /// A number, or `?` if it is hidden.
  @inline(__always)
  static func field(
    _ name: StaticString, _ value: UInt32, hidden: Bool, _ text: inout TextBuffer
  ) {
    if !hidden { return field(name, value, &text) }
    text.append(name)
    text.append("?")
  }

  /// The same of a field that audit's dictionary does not name.
  @inline(__always)
  static func number(
    _ name: StaticString, _ value: UInt64, hidden: Bool, _ text: inout TextBuffer
  ) {
    if !hidden { return number(name, value, &text) }
    text.append(name)
    text.append("?")
  }
}

extension AuditEvent {
  /// The subject if a copy may show it; nil: there is none, or it is another's.
  var seenSubject: nst_subject? { hidesSubject ? nil : subject }

  /// Whether a copy hides the number of missing records: it is its own only if the copy lacks them.
  func hides(_ lost: LostRecord) -> Bool { isView && lost.cause != .route }

  /// The CONTAINER_ID records that are written.
  var writtenMentions: [ContainerMention] {
    view?.omitsMentions == true ? [] : containerMentions
  }

  /// Whether the SYSCALL record has `record=`.
  var writesMentionOfActor: Bool { view?.omitsMentions != true && mentionsActor }
}
