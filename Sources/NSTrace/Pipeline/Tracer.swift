// SPDX-License-Identifier: Apache-2.0

/// Takes a batch through decoder and tracker to the outputs. Live and replay differ only in the
/// source.
package struct Tracer<Sink: TrackerSink & ~Copyable>: ~Copyable {
  package var tracker: Tracker<Sink>
  private var order = EffectOrder()

  package init(_ tracker: consuming Tracker<Sink>) { self.tracker = tracker }

  /// The number of decoded wire records.
  package var records: UInt64 { order.records }

  /// Tracks a batch.
  /// - Throws: `WireError`; the records before the damage have been tracked.
  package mutating func process(_ batch: borrowing RecordBatch) throws(WireError) {
    try order.process(batch, into: &tracker)
  }

  /// Whether records are held until the stream explains one of them.
  package var isWaiting: Bool {
    @specialized(where Sink == PinnedHold<RecordOutputs>) get { order.isWaiting }
  }

  /// The bytes of the records that are held.
  package var heldBytes: Int {
    @specialized(where Sink == PinnedHold<RecordOutputs>) get { order.heldBytes }
  }

  /// The namespaces whose users a walk should find (`KernelSource.census`).
  package var waiting: [NamespaceID] { order.waiting(for: tracker) }

  /// The namespaces, of these, that no walk has reported yet.
  var unanswered: [NamespaceID] { waiting.filter { !order.hasAnswer(about: $0) } }

  /// Tracks the held records: the stream has ended.
  /// - Throws: `WireError`; the records before the damage have been tracked.
  package mutating func release() throws(WireError) { try order.release(into: &tracker) }
}

extension Tracer where Sink == PinnedHold<RecordOutputs> {
  /// The same for the sink of every run. Its type is named inside this module, so the compiler
  /// specialises decoder and tracker for it. For a sink type that only a caller knows each call
  /// goes through witness tables, which takes twice as long.
  package mutating func process(_ batch: borrowing RecordBatch) throws(WireError) {
    try order.process(batch, into: &tracker)
  }
}
