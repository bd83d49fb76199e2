// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// L1, L4: CONTAINER_OP op=update records each change of what is true of all tasks of a container
/// or cgroup: no_new_privs, and the lowest seccomp mode.
struct ConfinementJudge: Judge {
  private var l1 = Tally()
  private var l4 = Tally()

  fileprivate struct Change {
    var new: Stance
    var old: Stance
    var holder: String

    var isOfNoNewPrivs: Bool { new.hasNoNewPrivs != old.hasNoNewPrivs }
  }

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing else { return }
    var rest = evidence.containerRecords.filter { $0.record.verb == .update }
    for change in account.stances {
      let match = rest.firstIndex {
        $0.record.id == change.id && $0.record.cgroup == nil
          && Self.says($0.record, change.new, change.old)
      }
      if let match { rest.remove(at: match) }
      expect(
        match != nil, at: evidence.serials,
        Change(new: change.new, old: change.old, holder: "container \(change.id)"))
    }
    for (path, change) in account.cgroups {
      let match = rest.firstIndex {
        $0.record.id == .unset && $0.record.cgroup == path
          && Self.says($0.record, change.new, change.old)
      }
      if let match { rest.remove(at: match) }
      let name = String(decoding: path.bytes, as: UTF8.self)
      expect(
        match != nil, at: evidence.serials,
        Change(new: change.new, old: change.old, holder: "cgroup \(name)"))
    }
    for (record, event) in rest {
      let words = "\(Self.holder(of: record)) is said to be confined otherwise, and nothing says so"
      l4.expect(false, at: [event.serial], words)
      if record.confinement?.new.hasNoNewPrivs != record.confinement?.old.hasNoNewPrivs {
        l1.expect(false, at: [event.serial], words)
      }
    }
  }

  private mutating func expect(_ isSaid: Bool, at serials: [UInt64], _ change: Change) {
    let words = "that \(change.holder) has \(change.words) is not recorded"
    l4.expect(isSaid, at: serials, words)
    if change.isOfNoNewPrivs { l1.expect(isSaid, at: serials, words) }
  }

  private static func holder(of record: ContainerRecord) -> String {
    guard let cgroup = record.cgroup else { return "container \(record.id)" }
    return "cgroup \(String(decoding: cgroup.bytes, as: UTF8.self))"
  }

  private static func says(_ record: ContainerRecord, _ new: Stance, _ old: Stance) -> Bool {
    guard let said = record.confinement else { return false }
    return said.new.stance == new && said.old.stance == old
  }

  var verdicts: [Clause: Verdict] {
    [
      .l1: l1.verdict(orElse: "nowhere all tasks came to have no_new_privs, or ceased to"),
      .l4: l4.verdict(orElse: "nothing came to be confined otherwise"),
    ]
  }
}

extension ContainerConfinement {
  fileprivate var stance: Stance { Stance(hasNoNewPrivs, seccomp) }
}

extension ConfinementJudge.Change {
  fileprivate var words: String {
    "nnp=\(new.hasNoNewPrivs ? 1 : 0) seccomp=\(new.seccomp), and had "
      + "nnp=\(old.hasNoNewPrivs ? 1 : 0) seccomp=\(old.seccomp),"
  }
}
