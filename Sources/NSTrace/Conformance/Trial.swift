// SPDX-License-Identifier: Apache-2.0

/// The tracker under one position, and its judges, over a stream given batch by batch.
final class Trial {
  private let bench: Bench
  private var recorder: EvidenceRecorder
  private var decoder = EventDecoder()

  init(of position: Position) {
    let bench = Bench(position)
    self.bench = bench
    recorder = EvidenceRecorder(position) { bench.weigh($0) }
  }

  func process(_ batch: borrowing RecordBatch) throws(WireError) {
    try batch.withBytes { (bytes) throws(WireError) in
      try decoder.decode(bytes, into: &recorder)
    }
  }

  /// Wire records that the stream says are missing.
  var lost: UInt64 { recorder.lost }

  var verdicts: [Clause: Verdict] { bench.verdicts }
}
