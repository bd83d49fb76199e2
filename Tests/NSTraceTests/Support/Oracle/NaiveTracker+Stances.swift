// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace
@testable import NSTraceConformance

// L1, L4: looks at all tasks of each container at each step.

extension NaiveTracker {
  /// The privileges that a task has given up, which it never regains.
  struct Stance: Equatable {
    var hasNoNewPrivs = false
    var seccomp: UInt16 = 0

    init() {}

    init(_ subject: nst_subject) {
      hasNoNewPrivs = Int32(subject.flags) & NST_SUBJECT_NO_NEW_PRIVS != 0
      seccomp = min(subject.seccomp, 2)
    }

    init(_ event: nst_confined) {
      hasNoNewPrivs = Int32(event.flags) & NST_SUBJECT_NO_NEW_PRIVS != 0
      seccomp = min(event.seccomp, 2)
    }

    /// Nil: the flags do not give the confinement.
    init?(fork flags: UInt16) {
      guard Int32(flags) & NST_FLAG_CONFINEMENT != 0 else { return nil }
      hasNoNewPrivs = Int32(flags) & NST_FLAG_NO_NEW_PRIVS != 0
      seccomp = min(flags >> 8 & 3, 2)
    }
  }

  mutating func tell(_ subject: nst_subject, at time: UInt64) {
    guard isKnown(subject.task) else { return }
    var home = tasks[subject.task.tid]?.home ?? CgroupHome()
    home.hear(v2: subject.cgroup_id, at: time)
    tasks[subject.task.tid]?.home = home
    tell(subject.task.tid, Stance(subject))
  }

  private mutating func tell(_ tid: UInt32, _ new: Stance) {
    var stance = tasks[tid]?.stance ?? new
    stance.hasNoNewPrivs = stance.hasNoNewPrivs || new.hasNoNewPrivs
    stance.seccomp = max(stance.seccomp, new.seccomp)
    tasks[tid]?.stance = stance
    noteStances(opid: tid)
  }

  /// Sets a task's confinement in an event of its own.
  mutating func confine(_ tid: UInt32, _ stance: Stance?, at time: UInt64) {
    guard let stance else { return }
    tell(tid, stance)
    sayStances(of: tid, at: time)
  }

  /// Writes an event of its own for what has changed, if anything has.
  mutating func sayStances(of tid: UInt32, at time: UInt64) {
    noteCgroups(opid: tid)
    let program = tasks[tid]?.program
    say([], at: time, actor: program == nil ? nil : tid, program, tasks[tid]?.session)
  }

  /// The same, because of an ATTACH.
  mutating func sayStances(of tid: UInt32, by attach: nst_attach) {
    noteCgroups(opid: tid)
    let actor = isKnown(attach.subject.task) ? tasks[attach.subject.task.tid] : nil
    say(
      [], at: attach.hdr.time_ns, by: attach.subject,
      (actor?.program ?? Program()).seen(attach.subject))
  }

  /// Notes what is now true of all tasks of a container and was not before.
  mutating func noteStances(opid: UInt32) {
    for id in containers.keys.sorted() {
      let there = tasks.values.filter { $0.place != nil && $0.contid == id }
      guard let old = containers[id]?.told, !there.isEmpty else { continue }
      let new = old.after(there.map(\.stance))
      guard new != old else { continue }
      containers[id]?.told = new
      updates.append(
        ContainerRecord(
          verb: .update, opid: opid, id: id, old: .of(id), name: containers[id]?.name ?? [],
          confinement: ContainerConfinement.Change(new: new.confinement, old: old.confinement)))
    }
  }
}

// MARK: - L1: of cgroups

extension NaiveTracker {
  /// Notes what is now true of all tasks of a cgroup and was not before.
  mutating func noteCgroups(opid: UInt32) {
    var there: [CgroupID: [Stance?]] = [:]
    for task in tasks.values {
      if let cgroup = task.home?.counted { there[cgroup, default: []].append(task.stance) }
    }
    cgroups = cgroups.filter { there[$0.key] != nil }
    for (cgroup, stances) in there.sorted(by: { $0.key < $1.key }) {
      let old = cgroups[cgroup] ?? Stance()
      let new = old.after(stances)
      cgroups[cgroup] = new
      guard new != old else { continue }
      updates.append(
        ContainerRecord(
          verb: .update, opid: opid, id: .unset, old: ContainerList(), name: [],
          confinement: ContainerConfinement.Change(new: new.confinement, old: old.confinement),
          cgroup: names.printed(cgroup)))
    }
  }
}

extension NaiveTracker.Stance {
  /// The new value for a container or cgroup with these tasks. A part that is not known of some
  /// task stays.
  fileprivate func after(_ tasks: [Self?]) -> Self {
    let known = tasks.compactMap(\.self)
    var new = self
    if known.contains(where: { !$0.hasNoNewPrivs }) { new.hasNoNewPrivs = false }
    if known.contains(where: { $0.seccomp == 0 }) { new.seccomp = 0 }
    if known.count == tasks.count {
      new.hasNoNewPrivs = known.allSatisfy(\.hasNoNewPrivs)
      new.seccomp = known.map(\.seccomp).min() ?? 0
    }
    return new
  }

  fileprivate var confinement: ContainerConfinement {
    ContainerConfinement(hasNoNewPrivs: hasNoNewPrivs, seccomp: seccomp)
  }
}
