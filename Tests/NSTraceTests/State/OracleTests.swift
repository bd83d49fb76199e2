// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import NSTrace

/// The tracker against a second, naive model of the same records, and against the laws.
///
/// `NSTRACE_ORACLE_EVENTS` in the environment: how many events, of each kind of stream.
@Suite struct OracleTests {
  private static let events =
    ProcessInfo.processInfo.environment["NSTRACE_ORACLE_EVENTS"].flatMap(Int.init) ?? 25_000
  private static let eventsOfOne = 5_000

  /// Seeds, so many that the streams have that many events together.
  private static let seeds = Array(1...UInt64(max(1, events / eventsOfOne)))

  @Test func `plausible streams, overlapping snapshots and losses`() {
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
    }
  }

  @Test func `hostile streams`() {
    for seed in Self.seeds {
      var stream = HostileStream(seed: seed)
      var comparison = OracleComparison(seed: seed)
      while comparison.events < Self.eventsOfOne, comparison.agrees {
        comparison.deliver(stream.next())
      }
      guard comparison.agrees else { return }
    }
  }
}
