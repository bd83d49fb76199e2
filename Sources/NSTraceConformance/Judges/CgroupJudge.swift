// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// L2: a cgroup is no key. Tasks of one cgroup may carry different IDs, and tasks of one container
/// may be in different cgroups. Each is recorded with what it carries itself.
struct CgroupJudge: Judge {
  private var l2 = Tally()
  private var listsOfCgroups: [UInt64: Set<ContainerList>] = [:]
  private var cgroupsOfLists: [ContainerList: Set<UInt64>] = [:]

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard let subject = evidence.raw.subject, subject.cgroup_id != 0, let actor = account.actor
    else { return }
    listsOfCgroups[subject.cgroup_id, default: []].insert(actor)
    if !actor.isUnset { cgroupsOfLists[actor, default: []].insert(subject.cgroup_id) }
    let isMixed = listsOfCgroups[subject.cgroup_id]?.count ?? 0 > 1
    let isSpread = cgroupsOfLists[actor]?.count ?? 0 > 1
    guard isMixed || isSpread else { return }
    for (record, event) in evidence.namespaceRecords
    where record.isMembership && record.opid == subject.task.tid {
      l2.expect(account.allows(record.containers, of: record.opid), at: [event.serial]) {
        "task \(record.opid) in cgroup \(subject.cgroup_id) is recorded with "
          + "contid=\(record.containers.words)"
      }
    }
  }

  var verdicts: [Clause: Verdict] {
    [.l2: l2.verdict(orElse: "no cgroup is shared by containers, and no container by cgroups")]
  }
}
