// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// The judges over long streams, with losses and snapshots that overlap with what happens.
@Suite struct JudgedStreamTests {
  private static let events = 3_000

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `plausible streams break no clause`(_ seed: UInt64) {
    var stream = SimulatedStream(seed: seed, hasIDs: seed % 2 == 0)
    Self.expectHeld(seed) { stream.next() }
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `hostile streams break no clause`(_ seed: UInt64) {
    var stream = HostileStream(seed: seed)
    Self.expectHeld(seed) { [stream.next()] }
  }

  private static func expectHeld(_ seed: UInt64, _ next: () -> [StreamEvent]) {
    let bench = Bench(.rfc)
    var scribe = Scribe()
    var recorder = EvidenceRecorder(under: RFCPolicy(), Position.rfc.options) {
      bench.weigh($0, scribe.write($1))
    }
    var count = 0
    while count < events {
      for event in next() {
        event.deliver(to: &recorder)
        count += 1
      }
    }
    for clause in [Clause.r7, .r9, .r10, .t1, .t9, .t15] {
      guard case .held? = bench.verdicts[clause] else {
        let verdict = String(describing: bench.verdicts[clause])
        Issue.record("\(clause.rawValue), seed \(seed): \(verdict)")
        continue
      }
    }
  }
}
