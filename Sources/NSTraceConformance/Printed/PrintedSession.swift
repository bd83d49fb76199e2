// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// A CONTAINER_SESSION record, as read from its text.
struct PrintedSession {
  var verb: SessionRecord.Verb
  var visit: ContainerVisit
  /// How a task came in, or the last one went, as printed.
  var how: String
  var isLate: Bool
  var opid: UInt32
  /// The task that came in; nil: not known.
  var entrant: Entrant?

  /// A task with its user and login.
  struct Entrant: Equatable {
    var pid: UInt64
    var uid: UInt64
    var auid: UInt64
    var ses: UInt64
    var comm: [UInt8]
  }

  /// Nil: a field is missing, or is not so.
  init?(_ record: PrintedRecord) {
    guard let verb = record.word("op").flatMap(SessionRecord.Verb.init(name:)),
      let containers = record.list("contid"), let how = record.word("how"),
      let session = record.number("cses").flatMap({ UInt32(exactly: $0) }),
      let opid = record.number("opid").flatMap({ UInt32(exactly: $0) }),
      record.boolean("res") == true, record["late"] == nil || record.boolean("late") == true
    else { return nil }
    self.verb = verb
    visit = ContainerVisit(session: session, containers: containers)
    self.how = how
    isLate = record["late"] != nil
    self.opid = opid
    entrant = Self.entrant(record)
  }

  private static func entrant(_ record: PrintedRecord) -> Entrant? {
    guard let pid = record.number("pid"), let uid = record.number("uid"),
      let auid = record.number("auid"), let ses = record.number("ses"),
      let comm = record.string("comm")
    else { return nil }
    return Entrant(pid: pid, uid: uid, auid: auid, ses: ses, comm: comm)
  }
}
