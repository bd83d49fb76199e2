// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

/// One verb of nsactor, followed to the end of its last task: the actor's own facts, and the
/// tracer's events.
struct ActorRun {
  let facts: ActorFacts
  /// The events by its tasks or about them.
  let events: [AuditEvent]
  let lost: UInt64
  /// The actor's tasks that are left in the tracker.
  let tasksLeft: [TaskSummary]
  /// The namespaces of its records that are left in use in the tracker, without those in use
  /// before.
  let namespacesLeft: [NamespaceID]

  init(_ verb: String, _ arguments: [String] = []) throws {
    var trace = try LiveTrace.attached()
    let before = Set(trace.state.summaries.map(\.namespace))
    var actor = try trace.start(BuiltProducts.nsactor, [verb] + arguments)
    try trace.follow(&actor)
    guard actor.status == .exited(0) else {
      throw LiveTraceError.actorFailed("\(verb) \(arguments): \(actor.errorText)")
    }
    facts = ActorFacts(actor.outputText)
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

  /// Expects exactly these events, no loss, and nothing left in the tracker.
  func expect(
    _ expected: [NamespaceRecord], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(records == expected, sourceLocation: sourceLocation)
    #expect(tasksLeft.isEmpty, sourceLocation: sourceLocation)
    #expect(namespacesLeft.isEmpty, sourceLocation: sourceLocation)
    #expect(lost == 0, sourceLocation: sourceLocation)
  }

  func place(_ who: String) throws -> ActorPlace { try facts.place(who) }
}
