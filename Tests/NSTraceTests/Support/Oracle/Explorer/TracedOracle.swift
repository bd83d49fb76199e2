// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// The naive models of the tracker and of the stage before it, judged by the truth like the tracer.
final class TracedOracle: Traced {
  private var wait = NaiveWait()
  private var recorder = StreamRecorder()
  private var decoder = EventDecoder()
  private var oracle: NaiveTracker { wait.oracle }

  func take(_ bytes: [UInt8]) throws {
    try RecordBatch(bytes).withBytes { (records) throws(WireError) in
      try decoder.decode(records, into: &recorder)
    }
    for event in recorder.events { wait.take(event) }
    recorder.events.removeAll(keepingCapacity: true)
  }

  func release() { wait.release() }
  var isWaiting: Bool { wait.isWaiting }
  var waiting: [NamespaceID] { wait.waiting }
  var isFollowing: Bool { oracle.isFollowing }

  func takeEvents() -> [ObservedEvent] { wait.takeEvents() }

  var inUse: Set<NamespaceID> { Set(oracle.users.keys) }
  var places: [UInt32: NamespacePlace] { oracle.tasks.compactMapValues(\.place) }
  var taskCount: Int { oracle.tasks.count }

  func container(of tid: UInt32) -> ContainerList { .of(oracle.contid(of: tid)) }
}
