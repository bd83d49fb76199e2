// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// L1, L4: CONTAINER_OP op=update records each change of what is true of all tasks of a container
/// or cgroup: no_new_privs, and the lowest seccomp mode.
struct ConfinementJudge: Judge {
  private var l1 = Tally()
  private var l4 = Tally()

  /// A change as the reading has it, or as a record states it.
  fileprivate struct Change: Hashable {
    var holder: Holder
    var new: Stance
    var old: Stance

    var isOfNoNewPrivs: Bool { new.hasNoNewPrivs != old.hasNoNewPrivs }
  }

  fileprivate enum Holder: Hashable {
    case container(ContainerID)
    case cgroup(BoundedText)
  }

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing else { return }
    let printed = evidence.containerRecords.filter { $0.record.verb == .update }
    var matches = Matches(printed.map { Change($0.record) })
    for change in Self.changes(in: account) {
      expect(matches.take(change) != nil, at: evidence.serials, change)
    }
    for (record, event) in matches.rest.map({ printed[$0] }) {
      let words = "\(Holder(record).words) is said to be confined otherwise, and nothing says so"
      l4.expect(false, at: [event.serial], words)
      if record.confinement?.new.hasNoNewPrivs != record.confinement?.old.hasNoNewPrivs {
        l1.expect(false, at: [event.serial], words)
      }
    }
  }

  private static func changes(in account: Account) -> [Change] {
    account.stances.map { Change(holder: .container($0.id), new: $0.new, old: $0.old) }
      + account.cgroups.map {
        Change(holder: .cgroup($0.path), new: $0.stances.new, old: $0.stances.old)
      }
  }

  private mutating func expect(_ isSaid: Bool, at serials: [UInt64], _ change: Change) {
    let words = "that \(change.holder.words) has \(change.words) is not recorded"
    l4.expect(isSaid, at: serials, words)
    if change.isOfNoNewPrivs { l1.expect(isSaid, at: serials, words) }
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

extension ConfinementJudge.Holder {
  fileprivate init(_ record: ContainerRecord) {
    self = record.cgroup.map { .cgroup($0) } ?? .container(record.id)
  }

  fileprivate var words: String {
    switch self {
    case .container(let id): "container \(id)"
    case .cgroup(let path): "cgroup \(String(decoding: path.bytes, as: UTF8.self))"
    }
  }
}

extension ConfinementJudge.Change {
  /// Nil: the record states no change, or both a container and a cgroup.
  fileprivate init?(_ record: ContainerRecord) {
    guard let said = record.confinement, record.cgroup == nil || record.id == .unset else {
      return nil
    }
    self.init(
      holder: ConfinementJudge.Holder(record), new: said.new.stance, old: said.old.stance)
  }

  fileprivate var words: String {
    "nnp=\(new.hasNoNewPrivs ? 1 : 0) seccomp=\(new.seccomp), and had "
      + "nnp=\(old.hasNoNewPrivs ? 1 : 0) seccomp=\(old.seccomp),"
  }
}
