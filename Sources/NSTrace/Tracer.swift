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
    try batch.withBytes { (records) throws(WireError) in
      try decoder.decode(records, into: &tracker)
    }
  }
}
