// SPDX-License-Identifier: Apache-2.0

package import CNSWire

// MARK: - Registration

extension Tracker where Sink: ~Copyable {
  /// Why a registration is refused, by the RFC's rules and the policy's; nil: it is granted. Of
  /// several reasons it is the first in the order of `RegistrationError`.
  ///
  /// The record, its MEMBER records and the state decide. A replay under the same policy therefore
  /// comes to the same verdict.
  package func verdict(on event: nst_register, members: [nst_member]) -> RegistrationError? {
    let flags = Int32(event.flags)
    let registration = registration(event, members)
    var reasons: Set<RegistrationError> = []
    if flags & NST_REGISTER_MALFORMED != 0 || registration.id.isUnset { reasons.insert(.invalid) }
    let isItself = event.caller_tid == event.target_tid
    let isForItself = isForItself(event)
    let needed = isForItself ? NST_REGISTER_WRITER : NST_REGISTER_CAPABLE
    if flags & needed == 0 { reasons.insert(.notPermitted) }
    if !members.contains(where: { $0.isTarget }) { reasons.insert(.noSuchTask) }
    if flags & NST_REGISTER_DESCENDANTS == 0, members.contains(where: { !$0.isTarget }) {
      reasons.insert(.busy)
    }
    // R2: a caller cannot register itself by registering an ancestor with its descendants, either.
    let reachesCaller = members.contains {
      $0.task.tid == event.caller_tid || $0.task.tgid == event.caller_tid
    }
    if !isForItself, isItself || reachesCaller { reasons.insert(.notDescendant) }
    // T18: also where IDs are added to others.
    let isLocked = flags & NST_REGISTER_LOCKED != 0
    if isLocked, members.contains(where: { $0.isTarget && $0.container != 0 }) {
      reasons.insert(.exists)
    }
    if let reason = policy.refuses(registration) { reasons.insert(reason) }
    let list = policy.list(registration.current, joinedBy: registration.id)
    if list.elements.count > ContainerList.limit { reasons.insert(.exists) }
    return RegistrationError.allCases.first(where: reasons.contains)
  }

  /// T6: a process may do for itself, alone, what it may not do for others.
  private func isForItself(_ event: nst_register) -> Bool {
    event.caller_tid == event.target_tid && Int32(event.flags) & NST_REGISTER_DESCENDANTS == 0
      && policy.letsRegisterSelf
  }

  /// The list of an unknown target, by the registration number that it carries; nil: the target is
  /// known.
  private func carried(byUnseenAmong members: [nst_member]) -> ContainerList? {
    guard let target = members.first(where: { $0.isTarget }), known(target.task) == nil else {
      return nil
    }
    return state.containers.list(ofRegistration: target.container)
  }

  private func registered(_ event: nst_register, _ members: [nst_member]) -> ContainerList {
    carried(byUnseenAmong: members) ?? state.registeredContainers(of: event.target_tid)
  }

  private func registration(_ event: nst_register, _ members: [nst_member]) -> Registration {
    let flags = Int32(event.flags)
    let id = ContainerID(high: event.contid_high, low: event.contid_low)
    let container = state.containers[id]
    let owner = state.owner(of: container)
    return Registration(
      id: id,
      isRandom: flags & NST_REGISTER_RANDOM != 0,
      descends: flags & NST_REGISTER_DESCENDS != 0,
      current: registered(event, members),
      caller: state.registeredContainers(of: event.caller_tid),
      isUsed: container.map { $0.registered > 0 } ?? false,
      isStain: state.stains.isStain(id),
      usesStained: reachesStained(event, members),
      leavesInside: isForItself(event) && state.isInside(event.target_tid),
      isOwned: owner.map { state.principals(of: event.caller_tid).contains($0) } ?? false,
      isOwnerGone: owner == nil)
  }

  package mutating func member(_ event: nst_member) {
    // More than there can be tasks: no REGISTER follows.
    if members.count >= memberLimit { members.removeAll() }
    members.append(event)
  }

  package mutating func register(_ event: nst_register, name: RawSpan) {
    // Earlier ones belong to a REGISTER that never came.
    let members = Array(self.members.suffix(Int(event.members)))
    self.members.removeAll()
    let refusal =
      verdict(on: event, members: members) ?? RegistrationError(result: event.result)
    let caller = state.tasks.find(event.caller_tid)
    let old = carried(byUnseenAmong: members) ?? state.containers(of: event.target_tid)
    var draft = begin(
      at: event.hdr.time_ns, subject: caller.flatMap { lastKnownSubject(of: state.tasks[$0]) })
    setProgram(of: caller, &draft)
    setActor(caller, &draft)
    var record = ContainerRecord(
      verb: .set, opid: event.target_tid,
      id: ContainerID(high: event.contid_high, low: event.contid_low),
      old: old, name: [UInt8](name), refusal: refusal)
    if refusal == nil {
      record.begins = state.containers[record.id] == nil
      grant(record, event, members, &draft)
    } else {
      draft.event.containers.append(record)
    }
    finish(draft)
  }

  private mutating func grant(
    _ record: ContainerRecord, _ event: nst_register, _ members: [nst_member],
    _ draft: inout EventDraft
  ) {
    let old = registered(event, members)
    let list = policy.list(old, joinedBy: record.id)
    if !record.name.isEmpty { sink.note(name: record.name, of: record.id) }
    let owners = state.owners(of: record.id, registeredBy: event.caller_tid)
    state.containers.register(
      record.id, as: list, number: event.container, name: record.name, owners: owners,
      isTakenOnEntry: Int32(event.flags) & NST_REGISTER_ON_ENTRY != 0)
    let tids = concerned(by: event, members, carrying: old)
    let born = early[event.container]
    early.remove(event.container)
    join(record, list, tids, number: event.container, born: born, &draft)
    let target = members.first { $0.isTarget }.flatMap { known($0.task) }
    // The target had exited when the record came.
    if draft.event.containers.isEmpty { draft.event.containers.append(record) }
    if state.containers.discardUnused(record.id), target == nil {
      draft.event.containers.append(
        ContainerRecord(dropping: (record.id, record.name), opid: event.target_tid))
    }
    tellAssignments(opid: event.target_tid, &draft)
    draft.event.info = target.flatMap { state.summary(of: state.tasks[$0]) }
  }

  /// The tids of all tasks that the registration reaches: those that the walk found, and those that
  /// were born with its number before this record came. A task with another list than the target's
  /// is in a container of its own, and stays there; where tags are taken on entry, one with another
  /// number is.
  private func concerned(
    by event: nst_register, _ members: [nst_member], carrying list: ContainerList
  ) -> [UInt32] {
    let reachesAll = Int32(event.flags) & NST_REGISTER_DESCENDANTS != 0
    let number = members.first { $0.isTarget }?.container
    let found = members.filter { reachesAll || $0.isTarget }
      .filter { !policy.tagsEntrants || $0.container == number }
    var tids = Set(found.map(\.task).filter { known($0) != nil }.map(\.tid))
    for tid in early[event.container] {
      guard let index = state.tasks.find(tid), state.tasks[index].container == event.container
      else { continue }
      tids.insert(tid)
    }
    if policy.tagsEntrants { return tids.sorted() }
    return tids.filter { state.registeredContainers(of: $0) == list }.sorted()
  }

  /// Notes a task whose registration's record has not come yet.
  mutating func noteEarly(_ index: TaskTable.Index) {
    let (tid, number) = (state.tasks[index].tid, state.tasks[index].container)
    guard number != 0, !state.containers.hasRegistration(number) else { return }
    early.note(tid, carrying: number)
    guard early.isStale(among: state.tasks.count) else { return }
    // Taken out, because the closure reads the state.
    var kept = early
    kept.keep { tid, number in
      state.tasks.find(tid).map { state.tasks[$0].container == number } ?? false
    }
    early = kept
  }

  /// Adds a record for each task that joins the container (R6).
  /// - Parameter born: those that were born with its number.
  mutating func join(
    _ record: ContainerRecord, _ list: ContainerList, _ tids: [UInt32], number: UInt32,
    born: [UInt32] = [], _ draft: inout EventDraft
  ) {
    let born = Set(born)
    for tid in tids {
      guard let index = state.tasks.find(tid),
        let list = listJoined(by: record.id, as: list, index)
      else { continue }
      var own = record
      // Read before the number is set: a task whose set is unknown has its list by the number.
      own.old = containers(of: index)
      if number != 0 { state.tasks[index].container = number }
      own.opid = tid
      own.begins = record.begins && tid == (tids.contains(record.opid) ? record.opid : tids[0])
      draft.event.containers.append(own)
      if state.tasks[index].set != .unknown {
        // T4: session 0 for the registered process and its children.
        relabel(
          index, state.containers.intern(list), leavesSession: true,
          isSinceBirth: born.contains(tid), &draft)
        draft.dropEnded(opid: tid)
        draft.endSession(opid: tid, SessionRecord.Way(nil))
      }
    }
  }

  /// What a task carries once it has joined a container with others; nil: it stays as it is. Where
  /// tags are taken on entry, each keeps those that it has taken.
  private func listJoined(
    by id: ContainerID, as list: ContainerList, _ index: TaskTable.Index
  ) -> ContainerList? {
    guard policy.tagsEntrants else { return list }
    let old = state.registeredContainers(of: state.tasks[index].tid)
    let own = policy.list(old, joinedBy: id)
    return old.contains(id) || own.elements.count > ContainerList.limit ? nil : own
  }

  /// Gives a child the label of its own number. The kernel copies the number inside the fork, so a
  /// known parent with another number is not the parent: that one has ended, its tid was reused,
  /// and both records were lost. A number without a registration waits for its REGISTER, which
  /// finds the child.
  mutating func takeLabelOfNumber(_ child: nst_task_id, at time: UInt64) {
    guard !policy.labelsSets, let index = known(child), state.tasks[index].set != .unknown
    else { return }
    let number = state.tasks[index].container
    guard number == 0 || state.containers.hasRegistration(number) else { return }
    let label = firstLabel(ofRegistration: number, in: cgroups(of: index))
    guard label != slotsOf(state.tasks[index].set)?[SetTable.labelLane] else { return }
    var draft = begin(at: time)
    relabel(index, label, leavesSession: true, isSinceBirth: true, &draft)
    draft.dropEnded(opid: child.tid)
    draft.endSession(opid: child.tid, SessionRecord.Way(.late))
    tellAssignments(opid: child.tid, &draft)
    finish(draft)
  }

  /// Gives a task whose set is known another label. Containers, and the session, that end with this are
  /// in the draft's `ended`.
  /// - Parameter isSinceBirth: whether the task had it all along, and only the record of it came later.
  mutating func relabel(
    _ index: TaskTable.Index, _ label: ContainerTable.Label, leavesSession: Bool = false,
    isStranger: Bool = false, isSinceBirth: Bool = false, _ draft: inout EventDraft
  ) {
    guard var slots = slotsOf(state.tasks[index].set) else { return draft.ended.clear() }
    slots[SetTable.labelLane] = label
    slots.tag(state.tasks[index].confinement)
    if leavesSession {
      slots[SetTable.sessionLane] = 0
      slots.inside = .none
    }
    slots.isStranger = isStranger
    let left = state.tasks[index].set
    if !isSinceBirth {
      state.changeStay(of: index, from: slotsOf(left), to: slots, at: draft.event.bootNs)
    }
    state.tasks[index].set = state.enter(slots, told: state.sets.told(left))
    state.leave(left, &draft.ended)
  }
}

// MARK: - Lists and labels

extension Tracker where Sink: ~Copyable {
  /// A task's containers; if its set is unknown, those of its registration number.
  func containers(of index: TaskTable.Index) -> ContainerList {
    let task = state.tasks[index]
    guard let slots = slotsOf(task.set) else {
      return state.containers.list(ofRegistration: task.container)
    }
    return state.containers[slots[SetTable.labelLane]]
  }

  /// T5: under some policies the set of namespaces decides the ID, whatever the task carried. A
  /// different ID gets a record. A task that is seen for the first time has no earlier set, so that
  /// is no change.
  mutating func labelBySet(
    _ slots: inout SetTable.Slots, from old: SetTable.Slots?, opid: UInt32,
    _ draft: inout EventDraft
  ) {
    guard policy.labelsSets else { return }
    let label = label(ofSet: slots)
    slots[SetTable.labelLane] = label
    guard let old, old[SetTable.labelLane] != label else { return }
    draft.event.containers.append(
      ContainerRecord(
        verb: .set, opid: opid, id: state.containers[label].elements.first?.id ?? .unset,
        old: state.containers[old[SetTable.labelLane]], name: [],
        begins: label != 0 && state.containers.users(of: label) == 0))
  }

  /// The label of a task's set of namespaces; 0 for the host's own set.
  private mutating func label(ofSet slots: SetTable.Slots) -> ContainerTable.Label {
    let set = state.memberships(in: slots)
    guard let initial = host?.initialMemberships, set != initial,
      let first = policy.automaticID(for: set, number: 0)
    else { return 0 }
    return state.containers.label(of: slots.members) {
      policy.automaticID(for: set, number: $0) ?? first
    }
  }

  /// R12: adds the container IDs that joined or left a namespace's list, except where the event
  /// itself makes or ends the namespace.
  mutating func tellAssignments(opid: UInt32, _ draft: inout EventDraft) {
    tellConfinements(opid: opid, &draft)
    if !state.hasListChanges { return }
    let changes = state.takeListChanges()
    let made = Set(draft.event.namespaces.lazy.filter { $0.verb == .create }.map(\.namespace))
    let ended = Set(draft.event.namespaces.lazy.filter { $0.verb == .destroy }.map(\.namespace))
    for change in changes {
      let id = state.namespaces[change.namespace].id
      if state.namespaces[change.namespace].hasEnded { continue }
      guard !(change.joined ? made : ended).contains(id) else { continue }
      draft.event.namespaces.append(
        NamespaceRecord(
          verb: .change, op: change.joined ? .assign : .release, kind: id.kind, namespace: id,
          old: id, opid: opid, containers: ContainerList([.init(change.container)]),
          namespaceContainers: state.list(of: change.namespace, but: change.container)))
    }
  }
}
