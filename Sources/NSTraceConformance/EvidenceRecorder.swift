// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Runs the tracker that is judged, and pairs each raw record with the text that it has caused.
struct EvidenceRecorder: EffectWitness, EachRecord, ~Copyable {
  private var tracker: Tracker<WrittenEvents>
  private let receive: (RawRecord, [AuditEvent]) -> Void

  /// - Parameter receive: called for each raw record with its text, in the order of the stream.
  init(
    under policy: any ContainerPolicy, _ options: TrackerOptions,
    receive: @escaping (RawRecord, [AuditEvent]) -> Void
  ) {
    tracker = Tracker(sink: WrittenEvents(), policy: policy, options: options)
    self.receive = receive
  }

  var declines: Bool {
    get { tracker.declines }
    set { tracker.declines = newValue }
  }

  var hasDeclined: Bool { tracker.hasDeclined }

  mutating func takeDeclined() -> [NamespaceID] { tracker.takeDeclined() }

  func unexplained(_ task: nst_task_id, in set: nst_set) -> [NamespaceID] {
    tracker.unexplained(task, in: set)
  }

  /// Wire records that are missing by the stream's own LOST records.
  var lost: UInt64 { tracker.counters.lost }

  mutating func observe(_ record: RawRecord) {
    record.deliver(to: &tracker)
    if hasDeclined { return }
    let events = tracker.sink.events
    tracker.sink.events.removeAll()
    receive(record, events)
  }
}
