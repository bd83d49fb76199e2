// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// The tracer of every run, with a sink that keeps the events.
final class TracedTracer: Traced {
  private var tracer = Tracer(Tracker(sink: CollectingSink()))

  func take(_ bytes: [UInt8]) throws { try tracer.process(RecordBatch(bytes)) }
  func release() { try? tracer.release() }

  var isWaiting: Bool { tracer.isWaiting }
  /// Without repeated questions: only the time changes between them, and worlds would never end.
  var waiting: [NamespaceID] { tracer.unanswered }
  var isFollowing: Bool { tracer.tracker.phase == .following }

  func takeEvents() -> [ObservedEvent] {
    defer { tracer.tracker.sink.events.removeAll(keepingCapacity: true) }
    return tracer.tracker.sink.events
  }

  var inUse: Set<NamespaceID> { Set(tracer.tracker.state.namespaces.sorted.map(\.id)) }

  var places: [UInt32: NamespacePlace] {
    var places: [UInt32: NamespacePlace] = [:]
    for task in tracer.tracker.state.tasks.sorted where task.set != .unknown {
      var place = NamespacePlace.initial
      for slot in NamespaceSlot.allCases {
        if let id = tracer.tracker.state.namespace(of: task, in: slot) { place[slot] = id }
      }
      places[task.tid] = place
    }
    return places
  }

  var taskCount: Int { tracer.tracker.state.taskCount }

  func container(of tid: UInt32) -> ContainerList { tracer.tracker.state.containers(of: tid) }
}
