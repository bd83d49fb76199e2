// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// T10: who enters a namespace that carries a tag which is taken on entry takes it, and a CONTAINER_OP
/// says so. Nobody else takes any.
struct EntryTagJudge: Judge {
  private var tally = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing else { return }
    let printed = evidence.containerRecords.filter { $0.record.source == .entry }
    var matches = Matches(printed.map(\.record))
    for record in account.taken {
      tally.expect(matches.take(record) != nil, at: evidence.serials) {
        "task \(record.opid) entered a namespace with the tag \(record.id), and no CONTAINER_OP "
          + "says that it took it"
      }
    }
    for (record, event) in matches.rest.map({ printed[$0] }) {
      tally.expect(false, at: [event.serial]) {
        "task \(record.opid) took the tag \(record.id), and nothing in the stream says so"
      }
    }
    weighLists(evidence, account)
  }

  /// The records of the entry have what the task carries afterwards.
  private mutating func weighLists(_ evidence: Evidence, _ account: Account) {
    for (record, event) in evidence.namespaceRecords
    where record.isMembership && record.granted && record.verb != .destroy {
      guard let list = account.takers[record.opid] else { continue }
      tally.expect(record.containers == list, at: [event.serial]) {
        "\(record.words) says contid=\(record.containers.words), and the task has taken \(list.words)"
      }
    }
  }

  var verdicts: [Clause: Verdict] {
    [.t10: tally.verdict(orElse: "nobody entered a namespace with a tag that is taken on entry")]
  }
}
