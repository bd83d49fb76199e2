// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

/// One verb of nsactor from its birth to the end of its last task: what it saw itself, and what
/// the tracer said of it.
struct ActorRun {
  let facts: ActorFacts
  /// The events by or about its tasks.
  let events: [AuditEvent]
  let lost: UInt64
  /// Its tasks that the tracker still knows.
  let tasksLeft: [TaskSummary]
  /// The namespaces of its records that the tracker still holds to be in use, but for those that
  /// were in use before.
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

  /// The tracer said this and nothing else, lost nothing, and has forgotten all of it.
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
