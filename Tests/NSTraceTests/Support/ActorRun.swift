// SPDX-License-Identifier: Apache-2.0

import CBPF
import NSTrace

/// One scenario of nsactor from its birth to the end of its last task: what it saw itself, and what
/// the tracer said of it.
struct ActorRun {
  let facts: ActorFacts
  let status: ChildProcess.Status?
  let errors: String
  /// The events by or about its tasks.
  let events: [AuditEvent]
  let lost: UInt64
  /// Its tasks that the tracker still knows.
  let tasksLeft: [TaskSummary]
  /// The namespaces of its records that the tracker still holds to be in use, but for those that
  /// were in use before.
  let namespacesLeft: [NamespaceID]

  init(_ scenario: String, _ arguments: [String] = []) throws {
    var trace = try LiveTrace.attached()
    let before = Set(trace.state.summaries.map(\.namespace))
    var actor = try trace.start(BuiltProducts.nsactor, [scenario] + arguments)
    try trace.follow(&actor)
    facts = ActorFacts(actor.outputText)
    status = actor.status
    errors = actor.errorText
    events = trace.treeEvents
    lost = trace.lost
    let tids = trace.tree.tids
    tasksLeft = trace.state.taskSummaries.filter { tids.contains($0.tid) }
    let told = Set(events.flatMap(\.namespaces).compactMap(\.namespace))
    namespacesLeft = trace.state.summaries.map(\.namespace).filter {
      told.contains($0) && !before.contains($0)
    }
  }

  var records: [NamespaceRecord] { events.flatMap(\.namespaces) }

  func place(_ who: String) throws -> ActorPlace { try facts.place(who) }
}

extension NamespaceRecord {
  static func created(
    _ op: NSTrace.Operation, _ namespace: NamespaceID, from old: NamespaceID, opid: UInt32
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: .create, op: op, kind: namespace.kind, namespace: namespace, old: old, opid: opid)
  }

  static func changed(
    _ op: NSTrace.Operation, _ namespace: NamespaceID, from old: NamespaceID, opid: UInt32
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: .change, op: op, kind: namespace.kind, namespace: namespace, old: old, opid: opid)
  }

  static func destroyed(
    _ op: NSTrace.Operation, _ namespace: NamespaceID, opid: UInt32
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: .destroy, op: op, kind: namespace.kind, namespace: namespace, old: nil, opid: opid)
  }

  static func refused(
    _ verb: Verb, _ op: NSTrace.Operation, _ kind: NamespaceKind?, at old: NamespaceID?,
    opid: UInt32
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: verb, op: op, kind: kind, namespace: nil, old: old, opid: opid, granted: false)
  }
}
