// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Registrations in streams that no kernel would give, under each policy.
@Suite struct HostileContainerTests {
  @Test(arguments: ContainerPolicies.names, ContainerSource.allCases)
  func `whatever is registered, the tables hold together`(
    _ name: String, _ source: ContainerSource
  ) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      var stream = HostileStream(seed: seed, registrationPercent: 30, cgroupPercent: 20)
      var tracker = Tracker(
        sink: CollectingSink(), policy: try #require(ContainerPolicies.named(name)),
        options: TrackerOptions(containers: source))
      RawRecord.host(.make(NamespacePlace.initial.wire)).deliver(to: &tracker)
      for step in 1...6000 {
        stream.next().deliver(to: &tracker)
        guard step % 10 == 0 else { continue }
        let broken = tracker.state.checkInvariants()
        try #require(broken == [], "seed \(seed), event \(step)")
      }
      let said = tracker.sink.events.flatMap(\.containers)
      let counts = [
        said.count { $0.verb == .set && $0.granted }, said.count { !$0.granted },
        said.count { $0.verb == .drop },
      ]
      #expect(counts.allSatisfy { $0 >= 5 }, "seed \(seed): \(counts), all must happen")
    }
  }
}
