// SPDX-License-Identifier: Apache-2.0

public import CBPF

// MARK: - Registration

extension Tracker where Sink: ~Copyable {
  /// Whether a registration may happen, by the RFC's rules and then by the policy's.
  ///
  /// It depends on the record, on the MEMBER records with it and on the state: a replay comes to the
  /// same verdict as the live run under the same policy.
  public func verdict(on event: nst_register, members: [nst_member]) -> RegistrationError? {
    let flags = Int32(event.flags)
    let id = ContainerID(high: event.contid_high, low: event.contid_low)
    if flags & NST_REGISTER_MALFORMED != 0 || id.isUnset { return .invalid }
    if flags & NST_REGISTER_CAPABLE == 0 { return .notPermitted }
    guard members.contains(where: { $0.isTarget }) else { return .noSuchTask }
    if flags & NST_REGISTER_DESCENDANTS == 0, members.contains(where: { !$0.isTarget }) {
      return .busy
    }
    if event.caller_tid == event.target_tid
      || members.contains(where: { $0.isOf(event.caller_tid) })
    {
      return .notDescendant
    }
    return policy.refuses(registration(event, id))
  }

  private func registration(_ event: nst_register, _ id: ContainerID) -> Registration {
    let flags = Int32(event.flags)
    let container = state.containers[id]
    let caller = key(of: event.caller_tid)
    let owner = container?.owner
    return Registration(
      id: id,
      isRandom: flags & NST_REGISTER_RANDOM != 0,
      descends: flags & NST_REGISTER_DESCENDS != 0,
      current: state.containers(of: event.target_tid),
      caller: state.containers(of: event.caller_tid),
      isUsed: container != nil,
      isOwned: owner != nil && owner == caller,
      isOwnerGone: owner.map { key(of: $0.tid) != $0 } ?? true)
  }

  private func key(of tid: UInt32) -> ContainerTable.TaskKey? {
    state.tasks.find(tid).map { .init(tid: tid, startNs: state.tasks[$0].startNs) }
  }

  public mutating func member(_ event: nst_member) { members.append(event) }

  public mutating func register(_ event: nst_register, name: RawSpan) {
    let members = self.members
    self.members.removeAll()
    let refusal = verdict(on: event, members: members)
    let granted = refusal == nil && event.result == 0
    let id = ContainerID(high: event.contid_high, low: event.contid_low)
    let callerIndex = state.tasks.find(event.caller_tid)
    begin(
      at: event.hdr.time_ns,
      subject: callerIndex.flatMap { lastKnownSubject(of: state.tasks[$0]) })
    setProgram(of: callerIndex)
    self.event.actorContainers = state.containers(of: event.caller_tid)
    let record = ContainerRecord(
      verb: .set, opid: event.target_tid, id: id, old: state.containers(of: event.target_tid),
      name: [UInt8](name), granted: granted)
    if granted {
      state.containers.register(
        id, name: record.name, owner: key(of: event.caller_tid))
      state.containers.remember(
        policy.list(record.old, joinedBy: id), number: event.container, name: record.name)
      join(record, concerned(by: event, members), number: event.container)
      tellAssignments(opid: event.target_tid)
    } else {
      self.event.containers.append(record)
    }
    self.event.info = state.tasks.find(event.target_tid).flatMap {
      state.summary(of: state.tasks[$0])
    }
    finish()
  }

  /// Every task that the registration reaches: those that the walk found, and those that were born
  /// with its number before this record came.
  private func concerned(by event: nst_register, _ members: [nst_member]) -> [UInt32] {
    let reachesAll = Int32(event.flags) & NST_REGISTER_DESCENDANTS != 0
    // The kernel side gives the number to those who carry what the target carries, and nobody else.
    let previous = members.first { $0.isTarget }?.container
    var tids = Set(
      members.filter { $0.isTarget || (reachesAll && $0.container == previous) }.map(\.task.tid))
    if event.container != 0 {
      for task in state.tasks.sorted where task.container == event.container {
        tids.insert(task.tid)
      }
    }
    return tids.sorted()
  }

  /// One record for each task that comes into the container (R6).
  private mutating func join(_ record: ContainerRecord, _ tids: [UInt32], number: UInt32) {
    for tid in tids {
      guard let index = state.tasks.find(tid) else { continue }
      if number != 0 { state.tasks[index].container = number }
      let old = state.containers(of: tid)
      guard !old.contains(record.id) else { continue }
      relabel(index, policy.list(old, joinedBy: record.id))
      var own = record
      own.opid = tid
      own.old = old
      event.containers.append(own)
    }
  }

  private mutating func relabel(_ index: TaskTable.Index, _ list: ContainerList) {
    guard var slots = slotsOf(state.tasks[index].set) else { return }
    slots[SetTable.labelLane] = state.containers.intern(list)
    let left = state.tasks[index].set
    state.tasks[index].set = state.enter(slots)
    _ = state.leave(left)
  }
}

// MARK: - What follows from it

extension Tracker where Sink: ~Copyable {
  /// The label of a task that is seen for the first time: by the number that the kernel side says
  /// it carries.
  mutating func label(ofRegistration number: UInt32) -> ContainerTable.Label {
    let list = state.containers.list(ofRegistration: number)
    if list.isUnset { return 0 }
    state.containers.revive(ofRegistration: number)
    return state.containers.intern(list)
  }

  /// R12: container IDs that joined or left a namespace's list, of namespaces other than the host's
  /// own, and not where the event itself makes or ends the namespace or the task went there.
  mutating func tellAssignments(opid: UInt32) {
    defer { state.usage.removeChanges() }
    for change in state.usage.changes {
      let id = state.namespaces[change.namespace].id
      guard host?.initial.contains(id) != true else { continue }
      let isTold = event.namespaces.contains {
        $0.namespace == id && $0.verb == (change.joined ? .create : .destroy)
      }
      guard !isTold else { continue }
      event.namespaces.append(
        NamespaceRecord(
          verb: .change, op: change.joined ? .assign : .release, kind: id.kind, namespace: id,
          old: id, opid: opid, containers: change.list,
          namespaceContainers: state.usage.list(of: change.namespace)))
    }
  }

  /// R11: the last task of these containers has gone.
  mutating func drop(_ ended: [(id: ContainerID, name: [UInt8])], opid: UInt32) {
    for container in ended {
      event.containers.append(
        ContainerRecord(
          verb: .drop, opid: opid, id: .unset, old: ContainerList([.init(container.id)]),
          name: container.name, granted: true))
    }
  }
}

extension nst_member {
  /// Whether it is this process, or a thread of it.
  func isOf(_ pid: UInt32) -> Bool { task.tid == pid || task.tgid == pid }
}
