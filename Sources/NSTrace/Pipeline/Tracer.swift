// SPDX-License-Identifier: Apache-2.0

/// The loop's one step: a batch goes to the dump as it is, and through decoder and tracker to the
/// outputs. Live and replay differ only in the source.
package struct Tracer<Sink: TrackerSink & ~Copyable>: ~Copyable {
  package var tracker: Tracker<Sink>
  private var order = EffectOrder()

  package init(_ tracker: consuming Tracker<Sink>) { self.tracker = tracker }

  /// Wire records decoded.
  package var records: UInt64 { order.records }

  /// - Throws: `WireError`; what stood before the damage has been tracked.
  package mutating func process(_ batch: borrowing RecordBatch) throws(WireError) {
    try order.process(batch, into: &tracker)
  }

  /// Whether records are held back until the stream explains one of them.
  package var isWaiting: Bool { order.isWaiting }

  /// The namespaces that a walk over the tasks should look for the users of, `KernelSource.census`.
  package var waiting: [NamespaceID] { order.waiting(for: tracker) }

  /// Those that no walk has told of yet.
  var unanswered: [NamespaceID] { waiting.filter { !order.hasAnswer(about: $0) } }

  /// Tracks what is held back: the stream is over.
  /// - Throws: `WireError`; what stood before the damage has been tracked.
  package mutating func release() throws(WireError) { try order.release(into: &tracker) }
}

extension Tracer where Sink == PinnedHold<RecordOutputs> {
  /// The same for the sink of every run. That its type is named inside this module is what lets the
  /// compiler make decoder and tracker for it: for a sink that only a caller knows, each call goes
  /// through tables, which takes twice as long.
  package mutating func process(_ batch: borrowing RecordBatch) throws(WireError) {
    try order.process(batch, into: &tracker)
  }
}
