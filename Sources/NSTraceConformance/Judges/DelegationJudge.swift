// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// L2: delegation. Whoever was given a directory of cgroups may call one what another container is
/// called, and gets an ID of its own.
struct DelegationJudge: Judge {
  private var l2 = Tally()
  private var names = CgroupNames()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    if case .cgroup(let event, let path) = evidence.raw { names.read(event, path) }
    if case .cgroupIn(let event, let name) = evidence.raw { names.read(event, name) }
    for (record, event) in evidence.containerRecords
    where record.source == .cgroup && !record.id.isUnset && Self.isPlain(record.name) {
      guard let chains = account.cgroupHomes[record.opid].flatMap(chains) else { continue }
      l2.expect(
        chains.contains { $0.gives(record.id, named: record.name) }, at: [event.serial],
        "task \(record.opid) has an ID that its cgroup's name does not give it")
    }
  }

  /// Nil: they are not all known.
  private func chains(_ home: CgroupHome) -> [CgroupChain]? {
    let keys = [home.inV2] + (home.inV1.map { [$0] } ?? [])
    let chains = keys.compactMap { names.chain($0) }
    return chains.count == keys.count ? chains : nil
  }

  /// Whether a name is spelt alike in each format.
  private static func isPlain(_ name: [UInt8]) -> Bool {
    !name.isEmpty && name.allSatisfy { (0x21...0x7e).contains($0) }
  }

  var verdicts: [Clause: Verdict] {
    [.l2: l2.verdict(orElse: "no task came into a container by its cgroup")]
  }
}
