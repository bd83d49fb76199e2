// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// T5, the checksum: equal sets of namespaces, by kinds and inode numbers, have equal `nshash=`,
/// and different sets have different ones.
struct SetHashJudge: Judge {
  private var tally = Tally()
  private var hashes: [Set<Pair>: NamespaceHash] = [:]
  private var sets: [NamespaceHash: Set<Pair>] = [:]

  private struct Pair: Hashable {
    var kind: NamespaceKind
    var inum: UInt32
  }

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    for (record, event) in evidence.namespaceRecords
    where record.isMembership && record.granted && record.verb != .destroy {
      guard let home = account.homes[record.opid]?.last else { continue }
      let set = Set(home.map { Pair(kind: $0.id.kind, inum: $0.id.inum) })
      guard let hash = record.setHash else {
        tally.expect(false, at: [event.serial], "\(record.words) has no nshash=")
        continue
      }
      let isSame = hashes[set, default: hash] == hash && sets[hash, default: set] == set
      tally.expect(isSame, at: [event.serial], "\(record.words) has another set's nshash=")
      hashes[set] = hash
      sets[hash] = set
    }
  }

  var verdicts: [Clause: Verdict] {
    [.t5: tally.verdict(orElse: "no task came into another set of namespaces")]
  }
}
