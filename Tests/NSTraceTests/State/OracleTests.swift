// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Foundation
import Testing

@testable import NSTrace

/// The tracker against a second, naive model of the same records, and against the laws.
///
/// `NSTRACE_ORACLE_EVENTS` in the environment (`make oracle`): how many events, of each kind of
/// stream; how many were compared is then printed.
@Suite struct OracleTests {
  private static let wanted =
    ProcessInfo.processInfo.environment["NSTRACE_ORACLE_EVENTS"].flatMap(Int.init)
  private static let eventsOfOne = 5_000

  /// Seeds, so many that the streams have that many events together.
  private static let seeds = Array(1...UInt64(max(1, (wanted ?? 10_000) / eventsOfOne)))

  @Test func `plausible streams, overlapping snapshots and losses`() {
    var total = OracleTotal()
    for seed in Self.seeds {
      var stream = SimulatedStream(seed: seed, hasIDs: seed % 2 == 0)
      var comparison = OracleComparison(seed: seed)
      while comparison.events < Self.eventsOfOne, comparison.agrees {
        for event in stream.next() where comparison.agrees { comparison.deliver(event) }
        // It takes longer than all else together; what goes wrong stays wrong for a while.
        let isDue = stream.hasWalked || stream.kernel.now % 8 == 0
        if isDue, comparison.agrees { comparison.expectTruth(of: stream.kernel) }
      }
      guard comparison.agrees else { return }
      total.add(comparison)
    }
    expect(total, "plausible")
  }

  /// Without a HOST record, in every other stream, all namespaces are as those of containers are.
  @Test func `hostile streams`() {
    var total = OracleTotal()
    for seed in Self.seeds {
      var stream = HostileStream(
        seed: seed, registrationPercent: Int(seed % 3) * 15, cgroupPercent: Int(seed % 2) * 15)
      var comparison = OracleComparison(seed: seed)
      if seed % 2 == 0 { comparison.deliver(SimulatedStream.host(at: 0)) }
      while comparison.events < Self.eventsOfOne, comparison.agrees {
        comparison.deliver(stream.next())
      }
      guard comparison.agrees else { return }
      total.add(comparison)
    }
    expect(total, "hostile")
  }

  @Test func `plausible streams under write-once`() {
    for seed in Self.seeds {
      var stream = SimulatedStream(seed: seed, hasIDs: seed % 2 == 0)
      var comparison = OracleComparison(seed: seed, isWriteOnce: true)
      while comparison.events < Self.eventsOfOne, comparison.agrees {
        for event in stream.next() where comparison.agrees { comparison.deliver(event) }
      }
    }
  }

  @Test func `hostile streams under write-once`() {
    for seed in Self.seeds {
      var stream = HostileStream(seed: seed, registrationPercent: 15)
      var comparison = OracleComparison(seed: seed, isWriteOnce: true)
      let hooks = seed % 4 < 2 ? NST_HOOK_FREED : 0
      comparison.deliver(SimulatedStream.host(at: 0, hooks: hooks))
      while comparison.events < Self.eventsOfOne, comparison.agrees {
        comparison.deliver(stream.next())
      }
    }
  }

  private func expect(_ total: OracleTotal, _ streams: String) {
    #expect(total.events >= Self.seeds.count * Self.eventsOfOne)
    #expect(
      [
        total.registered, total.dropped, total.assigned, total.inSession, total.begun, total.ended,
      ].allSatisfy { $0 > 0 })
    if Self.wanted != nil { print("\(streams) streams: \(total.line)") }
  }
}
