// SPDX-License-Identifier: Apache-2.0

/// CONTAINER_SESSION and CONTAINER_ID (T4, R4).
extension AuditLineFormat {
  /// A session's record states its entrant, whoever causes the event.
  static func append(
    _ record: SessionRecord, of event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    text.append("op=")
    text.append(record.verb.name)
    append(" contid=", record.visit.containers, to: &text)
    number(" cses=", UInt64(record.visit.session), &text)
    text.append(" how=")
    record.way.append(to: &text)
    field(" opid=", record.opid, hidden: event.isView, &text)
    if record.way.isLate { text.append(" late=1") }
    if let sinceNs = record.sinceNs {
      text.append(" since=")
      append(timeNs: sinceNs, to: &text)
    }
    switch record.entrant {
    case nil: break
    case _? where event.isView: text.append(" pid=? uid=? auid=? ses=? comm=? exe=?")
    case let entrant?: append(entrant, record.program, to: &text)
    }
    append(res: true, to: &text)
  }

  private static func append(
    _ entrant: EventActor, _ program: ProgramText, to text: inout TextBuffer
  ) {
    field(" pid=", entrant.pid, &text)
    field(" uid=", entrant.uid, &text)
    field(" auid=", entrant.auid, &text)
    field(" ses=", entrant.session, &text)
    text.append(" comm=")
    append(untrusted: entrant.comm, to: &text)
    text.append(" exe=")
    append(program, to: &text)
  }

  static func append(_ mention: ContainerMention, to text: inout TextBuffer) {
    append(" contid=", mention.containers, to: &text)
    if let session = mention.session { number(" cses=", UInt64(session), &text) }
    text.append(" rel=")
    text.append(mention.relation)
  }
}
