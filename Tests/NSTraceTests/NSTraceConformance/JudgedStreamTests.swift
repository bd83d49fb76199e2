// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceConformance

/// The judges over long streams, with losses and snapshots that overlap with what happens.
@Suite struct JudgedStreamTests {
  private static let events = 3_000

  private static let ofNamespaces: [Clause] = [.r7, .r9, .r10, .t1, .t9, .t15]

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `plausible streams break no clause`(_ seed: UInt64) {
    var stream = SimulatedStream(seed: seed, hasIDs: seed % 2 == 0)
    Self.expectHeld(Self.ofNamespaces, under: .rfc, seed) { stream.next() }
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `hostile streams break no clause`(_ seed: UInt64) {
    var stream = HostileStream(seed: seed)
    Self.expectHeld(Self.ofNamespaces, under: .rfc, seed) { [stream.next()] }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `plausible streams give each set of namespaces its ID`(_ seed: UInt64) {
    var stream = SimulatedStream(seed: seed, hasIDs: seed % 2 == 0)
    Self.expectHeld([.t5], under: .automatic, seed) { stream.next() }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `hostile streams give each set of namespaces its ID`(_ seed: UInt64) {
    var stream = HostileStream(seed: seed)
    Self.expectHeld([.t5], under: .automatic, seed) { [stream.next()] }
  }

  /// After a loss the judges do not know what the tasks carry whose births were lost.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `plausible streams leave the stains where they are`(_ seed: UInt64) {
    var stream = SimulatedStream(seed: seed, hasIDs: seed % 2 == 0, hasLosses: false)
    Self.expectHeld([.t2], under: .writeOnce, seed) { stream.next() }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `hostile streams give nobody another's ID by a cgroup's name`(_ seed: UInt64) {
    var stream = HostileStream(seed: seed, registrationPercent: 5, cgroupPercent: 40)
    Self.expectHeld([.l2], under: .cgroups, seed) { [stream.next()] }
  }

  private static func expectHeld(
    _ clauses: [Clause], under position: Position, _ seed: UInt64, _ next: () -> [RawRecord]
  ) {
    let bench = Bench(position)
    var scribe = Scribe()
    var recorder = EvidenceRecorder(under: position.policy, position.options) {
      bench.weigh($0, scribe.write($1))
    }
    RawRecord.host(.make(NamespacePlace.initial.wire)).deliver(to: &recorder)
    var count = 0
    while count < events {
      for event in next() {
        event.deliver(to: &recorder)
        count += 1
      }
    }
    for clause in clauses {
      guard case .held? = bench.verdicts[clause] else {
        let verdict = String(describing: bench.verdicts[clause])
        Issue.record("\(clause.rawValue), seed \(seed): \(verdict)")
        continue
      }
    }
  }
}
