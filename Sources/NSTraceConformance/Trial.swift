// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The tracker under one position, with its judges, over a stream that is given batch by batch.
final class Trial {
  private let bench: Bench
  private var recorder: EvidenceRecorder
  private var order = EffectOrder()

  init(of position: Position) {
    let bench = Bench(position)
    self.bench = bench
    var scribe = Scribe()
    recorder = EvidenceRecorder(under: position.policy, position.options) { raw, events in
      bench.weigh(raw, scribe.write(events))
    }
  }

  func process(_ batch: borrowing RecordBatch) throws(WireError) {
    try order.process(batch, into: &recorder)
  }

  /// Judges the held records at the end of the stream.
  func release() throws(WireError) { try order.release(into: &recorder) }

  /// Wire records that are missing by the stream's own LOST records.
  var lost: UInt64 { recorder.lost }

  var verdicts: [Clause: Verdict] { bench.verdicts }
}
