// SPDX-License-Identifier: Apache-2.0

/// CONTAINER_SESSION and CONTAINER_ID (T4, R4).
extension JSONLinesFormat {
  /// A session's record states its entrant, whoever causes the event.
  static func append(
    _ record: SessionRecord, of event: borrowing AuditEvent, to text: inout TextBuffer
  ) {
    name("op", record.verb.name, &text)
    number("opid", record.opid, hidden: event.isView, &text)
    if !event.isView, let entrant = record.entrant { append(entrant, record.program, to: &text) }
    containers("contid", record.visit.containers, &text)
    number("cses", record.visit.session, &text)
    append(record.way, to: &text)
    if record.way.isLate { boolean("late", true, &text) }
    if let sinceNs = record.sinceNs { time("since", sinceNs, &text) }
    boolean("res", true, &text)
  }

  static func append(
    _ way: SessionRecord.Way, key name: StaticString = "how", to text: inout TextBuffer
  ) {
    key(name, &text)
    text.append("\"")
    way.append(to: &text)
    text.append("\"")
  }

  static func append(_ entrant: EventActor, _ program: ProgramText, to text: inout TextBuffer) {
    number("pid", entrant.pid, &text)
    number("uid", entrant.uid, &text)
    number("auid", entrant.auid, &text)
    number("ses", entrant.session, &text)
    string("comm", entrant.comm, &text)
    append(program, to: &text)
  }

  static func append(_ mention: ContainerMention, to text: inout TextBuffer) {
    containers("contid", mention.containers, &text)
    if let session = mention.session { number("cses", session, &text) }
    name("rel", mention.relation, &text)
  }
}
