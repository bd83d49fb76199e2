// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// T5, the IDs: under `automatic` whoever has come into a namespace that is not its parent's has an
/// ID, and the same set of namespaces gives the same.
struct AutomaticJudge: Judge {
  private var tally = Tally()
  private var initial: [NamespaceID] = []

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    if case .host(let host) = evidence.raw {
      initial = NamespaceSlot.allCases.map { host.initial[$0] }
    }
    for (record, event) in evidence.namespaceRecords
    where record.isMembership && record.granted && record.verb != .destroy && record.old != nil {
      guard let place = account.places[record.opid], place != initial else { continue }
      tally.expect(!record.containers.isUnset, at: [event.serial]) {
        "\(record.words) left it without an automatic ID"
      }
    }
  }

  var verdicts: [Clause: Verdict] {
    [.t5: tally.verdict(orElse: "no task came into another set of namespaces")]
  }
}
