// SPDX-License-Identifier: Apache-2.0

/// L1, L4: what is true of all tasks of a container, no_new_privs and the lowest seccomp mode, is
/// recorded when it changes: CONTAINER_OP op=update.
struct ConfinementJudge: Judge {
  private var l1 = Tally()
  private var l4 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing else { return }
    var rest = evidence.containerRecords.filter { $0.record.verb == .update }
    for change in account.stances {
      let match = rest.firstIndex { $0.record.id == change.id && Self.says($0.record, change) }
      if let match { rest.remove(at: match) }
      let words = "that container \(change.id) has \(change.words) is not recorded"
      l4.expect(match != nil, at: evidence.serials, words)
      if change.new.hasNoNewPrivs != change.old.hasNoNewPrivs {
        l1.expect(match != nil, at: evidence.serials, words)
      }
    }
    for (record, event) in rest {
      let words = "container \(record.id) is said to be confined otherwise, and nothing says so"
      l4.expect(false, at: [event.serial], words)
      if record.confinement?.new.hasNoNewPrivs != record.confinement?.old.hasNoNewPrivs {
        l1.expect(false, at: [event.serial], words)
      }
    }
  }

  private static func says(_ record: ContainerRecord, _ change: StanceCounts.Change) -> Bool {
    guard let said = record.confinement else { return false }
    return said.new.stance == change.new && said.old.stance == change.old
  }

  var verdicts: [Clause: Verdict] {
    [
      .l1: l1.verdict(orElse: "of no container all tasks came to have no_new_privs, or ceased to"),
      .l4: l4.verdict(orElse: "no container came to be confined otherwise"),
    ]
  }
}

extension ContainerConfinement {
  fileprivate var stance: Stance { Stance(hasNoNewPrivs, seccomp) }
}

extension StanceCounts.Change {
  fileprivate var words: String {
    "nnp=\(new.hasNoNewPrivs ? 1 : 0) seccomp=\(new.seccomp), and had "
      + "nnp=\(old.hasNoNewPrivs ? 1 : 0) seccomp=\(old.seccomp),"
  }
}
