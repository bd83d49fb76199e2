// SPDX-License-Identifier: Apache-2.0

/// The loop's one step: a batch goes to the dump as it is, and through decoder and tracker to the
/// outputs. Live and replay differ only in the source.
public struct Tracer<Sink: AuditEventSink & ~Copyable>: ~Copyable {
  public var tracker: Tracker<Sink>
  private var decoder = EventDecoder()

  public init(_ tracker: consuming Tracker<Sink>) { self.tracker = tracker }

  /// Wire records decoded.
  public var records: UInt64 { decoder.records }

  /// - Throws: `WireError`; what stood before the damage has been tracked.
  public mutating func process(_ batch: borrowing RecordBatch) throws(WireError) {
    try decode(batch)
  }

  private mutating func decode(_ batch: borrowing RecordBatch) throws(WireError) {
    try batch.withBytes { (records) throws(WireError) in
      try decoder.decode(records, into: &tracker)
    }
  }
}

extension Tracer where Sink == PinnedHold<RecordOutputs> {
  /// The same for the sink of every run. That its type is named inside this module is what lets the
  /// compiler make decoder and tracker for it: for a sink that only a caller knows, each call goes
  /// through tables, which takes twice as long.
  public mutating func process(_ batch: borrowing RecordBatch) throws(WireError) {
    try decode(batch)
  }
}
