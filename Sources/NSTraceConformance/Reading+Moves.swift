// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

extension Reading {
  mutating func task(_ event: nst_task) {
    let (id, time) = (event.subject.task, event.hdr.time_ns)
    let isNew = !isKnown(id)
    guard find(id, number: event.container, at: time), let told = tasks[id.tid]?.toldNs,
      told <= time
    else { return }
    tell(event.subject, at: time)
    if !isNew { tasks[id.tid]?.home?.hear(event) }
    count(id.tid)
    act(id.tid)
    let op: Operation = event.hdr.flags & UInt16(NST_FLAG_LATE) != 0 ? .late : .resync
    move(id.tid, to: event.set, at: time) { _ in op }
    if op == .resync { tasks[id.tid]?.seen = snapshots }
  }

  mutating func change(_ event: nst_switch) {
    let (id, time) = (event.subject.task, event.hdr.time_ns)
    guard find(id, number: event.call.container, at: time) else { return }
    tell(event.subject, at: time)
    act(id.tid)
    let call = event.call
    if call.result < 0 {
      if tasks[id.tid]?.place != nil { name(id.tid, tasks[id.tid]?.stay) }
      say(refusals(call, id.tid), carrying: tasks[id.tid]?.list)
    }
    moveUnlessOvertaken(id.tid, to: event.set, by: call, at: time) { kind in
      guard call.result >= 0 else { return .late }
      if call.systemCall == .setns { return .setns }
      return call.systemCall == .unshare && call.flags & kind.cloneFlag != 0
        ? .unshare : .late
    }
  }

  mutating func exec(_ event: nst_exec) {
    let (id, time) = (event.subject.task, event.hdr.time_ns)
    if event.old_tid != id.tid { becomeLeader(event.old_tid, id, at: time) }
    guard find(id, number: event.call.container, at: time) else { return }
    tell(event.subject, at: time)
    act(id.tid)
    moveUnlessOvertaken(id.tid, to: event.set, at: time) { $0 == .time ? .exec : .late }
  }

  /// An exec by a thread: the leader has ended, and the thread has its tid and start time.
  private mutating func becomeLeader(_ tid: UInt32, _ leader: nst_task_id, at time: UInt64) {
    guard leader.tid > 0, leader.tid < 1 << 22, var thread = tasks[tid],
      thread.id.tgid == leader.tgid, thread.id.start_ns <= time
    else { return }
    if isKnown(leader), let told = tasks[leader.tid]?.toldNs, told > time {
      return end(tid, .late)
    }
    _ = strike(tid)
    end(leader.tid, .late)
    thread.id.tid = leader.tid
    thread.id.start_ns = leader.start_ns
    enroll(thread)
    count(tid)
    count(leader.tid)
  }

  /// Adds the task if it is not known, without namespaces. False: it cannot exist.
  mutating func find(_ id: nst_task_id, number: UInt32, at time: UInt64) -> Bool {
    if isKnown(id) {
      tasks[id.tid]?.snapshot = snapshots
      return true
    }
    guard makeRoom(for: id) else { return false }
    add(seenLate(id, number: number, at: time))
    return true
  }

  private mutating func moveUnlessOvertaken(
    _ tid: UInt32, to set: nst_set, by call: nst_call? = nil, at time: UInt64,
    op: (NamespaceKind) -> Operation
  ) {
    guard let task = tasks[tid] else { return }
    if task.toldNs <= time { return move(tid, to: set, by: call, at: time, op: op) }
    guard task.place == instances(in: set) else { return }
    tasks[tid]?.toldNs = time
    let entrances = call.map(entrances) ?? []
    tasks[tid]?.entered.formUnion(entrances)
  }

  private mutating func move(
    _ tid: UInt32, to set: nst_set, by call: nst_call? = nil, at time: UInt64,
    op: (NamespaceKind) -> Operation
  ) {
    let claimed = changes(to: set, from: tasks[tid]?.place)
    endFreed(in: claimed, made: unshared(by: call, in: claimed, of: set), of: set, at: time)
    guard let old = tasks[tid] else { return }
    let made = unshared(by: call, in: changes(to: set, from: old.place), of: set)
    let place = instances(in: set)
    tasks[tid]?.seen = nil
    if old.place == place, old.seen != nil {
      let entrances = call.map(entrances) ?? []
      tasks[tid]?.entered.formUnion(entrances)
    }
    tasks[tid]?.toldNs = time
    tasks[tid]?.hasMoved = old.place != nil && old.place != place
    guard old.place != place else { return }
    let records = arrivals(of: tid, at: place, from: old.place, made: made, op: op)
    let entered = entered(place, made, from: old, op)
    tasks[tid]?.entered = entered
    account.follow(tid, from: old.place, to: place)
    let new = follow(old, to: place, from: old.place, made: made, op)
    hold(place, old.list)
    let unused = release(old.place, old.list)
    tasks[tid]?.place = place
    enter(tid, as: new, from: old, op)
    note(tid)
    count(tid)
    takeTags(tid, from: old.place, made: made)
    say(records + endings(of: unused, by: tid, op), carrying: old.list)
    close(tid)
  }

  private func refusals(_ call: nst_call, _ tid: UInt32) -> [NamespaceRecord] {
    let op: Operation =
      switch call.systemCall {
      case .setns: .setns
      case .unshare: .unshare
      case .clone3: .clone3
      case .clone, .exec, nil: .clone
      }
    let asked = NamespaceKind.allCases.filter { call.flags & $0.cloneFlag != 0 }
    let kinds: [NamespaceKind?] = asked.isEmpty ? [nil] : asked
    return kinds.map { kind in
      let slot = kind.map { kind in
        kind == .pid ? .pidChildren : kind == .time ? .timeChildren : Self.slot(of: kind)
      }
      return NamespaceRecord(
        verb: op == .setns ? .change : .create, op: op, kind: kind, namespace: nil,
        old: slot.flatMap { tasks[tid]?.place?[$0.rawValue].id }, opid: tid, granted: false)
    }
  }

  static func slot(of kind: NamespaceKind) -> NamespaceSlot {
    NamespaceSlot.allCases.first { $0.kind == kind } ?? .mnt
  }
}
