// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

// MARK: - Tasks and subjects

extension Tracker where Sink: ~Copyable {
  func entry(_ id: nst_task_id, asOf time: UInt64) -> TaskTable.Entry {
    TaskTable.Entry(tid: id.tid, tgid: id.tgid, startNs: id.start_ns, asOfNs: time, epoch: epoch)
  }

  func known(_ id: nst_task_id) -> TaskTable.Index? {
    guard let index = state.tasks.find(id.tid), state.tasks[index].startNs == id.start_ns else {
      return nil
    }
    return index
  }

  /// The index of a task. An unknown one is added without a set, so its namespaces are found as
  /// new.
  mutating func knownOrSeenNow(
    _ subject: nst_subject, _ call: nst_call, at time: UInt64
  ) -> TaskTable.Index? {
    if let index = known(subject.task) {
      // A walk that had passed the tid before exec gave it to the task does not report it again.
      state.tasks[index].epoch = epoch
      if time >= state.tasks[index].asOfNs, state.tasks[index].container != call.container {
        state.tasks[index].container = call.container
        noteEarly(index)
      }
      return index
    }
    guard admit(subject.task, at: time) else { return nil }
    var task = entry(subject.task, asOf: time)
    task.container = call.container
    task.subject = state.subjects.insert(
      subject, sameProgramAs: .unknown, in: CgroupPlace(v2: subject.cgroup_id, at: time))
    let index = state.tasks.insert(task)
    noteEarly(index)
    return index
  }

  /// Whether a task may be added. It may not if it, or a later task with its tid, is known: a
  /// snapshot overtook the birth. An earlier task with its tid has exited unseen, and is ended.
  mutating func admit(_ id: nst_task_id, at time: UInt64) -> Bool {
    guard id.tid != 0, id.tid < TaskNumber.limit else { return false }
    guard let index = state.tasks.find(id.tid) else { return true }
    if state.tasks[index].startNs == id.start_ns {
      state.tasks[index].epoch = epoch
      return false
    }
    if state.tasks[index].startNs > id.start_ns { return false }
    end(index, op: .late, at: time)
    return true
  }

  /// Replaces the task's subject.
  mutating func setSubject(of index: TaskTable.Index, _ subject: SubjectTable.ID) {
    state.subjects.release(state.tasks[index].subject)
    state.tasks[index].subject = subject
  }

  /// Updates credentials and command, which change without exec. The program does not.
  mutating func refreshSubject(
    of index: TaskTable.Index, _ subject: nst_subject, at time: UInt64
  ) {
    let cgroups = cgroups(of: index).seen(in: subject.cgroup_id, at: time)
    let confinement = state.tasks[index].confinement
    if state.subjects.update(state.tasks[index].subject, subject, in: cgroups, confinement) {
      return
    }
    let id = state.subjects.insert(
      subject, sameProgramAs: state.tasks[index].subject, in: cgroups, confinement)
    setSubject(of: index, id)
  }
}

// MARK: - Sets and moves

extension Tracker where Sink: ~Copyable {
  func slotsOf(_ set: SetTable.ID) -> SetTable.Slots? {
    set == .unknown ? nil : state.sets[set]
  }

  /// The set that a task was in at `time`; unknown if a snapshot saw the task after a later move.
  func setOf(_ task: TaskTable.Entry, at time: UInt64) -> SetTable.ID {
    task.wasElsewhere && time < task.asOfNs ? .unknown : task.set
  }

  /// Notes a record that a snapshot has overtaken. If it reports the move that the snapshot found,
  /// later records find the task in the known set.
  mutating func catchUp(
    _ index: TaskTable.Index, with set: nst_set, by call: nst_call? = nil, at time: UInt64
  ) {
    guard isIn(index, set) else { return }
    state.tasks[index].asOfNs = time
    if let call { noteEntrances(of: index, by: call) }
  }

  /// Whether the task is known to be in exactly these namespaces.
  func isIn(_ index: TaskTable.Index, _ set: nst_set) -> Bool {
    changedSlots(of: state.tasks[index].set, to: set).isEmpty
  }

  /// The slots in which the stored set differs from the reported `set`. A slot with the same number
  /// differs, too, if the stored namespace is freed.
  func changedSlots(of id: SetTable.ID, to set: nst_set) -> SlotSet {
    var changed = state.sets.slots(of: id, differingFrom: set)
    guard state.namespaces.freedCount > 0, let slots = slotsOf(id) else { return changed }
    for slot in SlotSet.all where state.namespaces[slots[slot.rawValue]].isFreed {
      changed.insert(slot)
    }
    return changed
  }

  /// Notes a record that reports the task in its known set.
  mutating func stay(_ index: TaskTable.Index, at time: UInt64) {
    // After a record that a snapshot had overtaken, later records find the task in the known set.
    if time >= state.tasks[index].asOfNs {
      state.tasks[index].wasElsewhere = false
      state.tasks.forgetWalk(at: index)
    }
    state.tasks[index].asOfNs = time
  }

  /// Moves a task into a set, and adds the records of the move.
  mutating func move(
    _ index: TaskTable.Index, to set: nst_set, _ changes: SlotChanges, at time: UInt64,
    _ draft: inout EventDraft, op: (NamespaceSlot) -> Operation
  ) {
    let left = state.tasks[index].set
    let old = slotsOf(left)
    let (changed, made) = (changes.slots, changes.made)
    var slots = state.intern(set, after: old, changed: changed)
    if old == nil {
      slots[SetTable.labelLane] =
        firstLabel(ofRegistration: state.tasks[index].container, in: cgroups(of: index))
      takeVisit(&slots, ofChildOf: draft.event.subject?.ppid)
    }
    let opid = state.tasks[index].tid
    washRenewed(slots, changed: changed, made: made, op: op)
    labelBySet(&slots, from: old, opid: opid, &draft)
    followSession(&slots, from: old, made: made, opid: opid, &draft, op: op)
    takeTags(&slots, from: old, made: made, opid: opid, &draft)
    slots.tag(state.tasks[index].confinement)
    state.tasks[index].asOfNs = time
    state.tasks[index].wasElsewhere = old != nil && slots != old
    state.tasks.forgetWalk(at: index)
    guard slots != old else { return }
    let session = Self.session(of: slots, leaving: old)
    draft.event.actorSession = session
    describe(slots, from: old, changed: changed, made: made, opid: opid, session, &draft, op: op)
    state.tasks[index].entered = entered(slots, changed, made, from: index, op)
    state.changeStay(of: index, from: old, to: slots, at: time)
    state.tasks[index].set = state.transfer(
      from: left, to: slots, told: set, changed: changed, &draft.ended)
    let label = (old ?? slots)[SetTable.labelLane]
    draft.destroyEnded(
      opid: opid, state.containers[label], NamespaceState.printed(session, label)
    ) { op(slotLeft($0, changed, of: old)) }
    draft.dropEnded(opid: opid)
    draft.endSession(opid: opid, Self.way(by: slots, leaving: old, op))
    tellAssignments(opid: opid, &draft)
  }

  /// The changed slot that held a namespace which the task has left; exec moves only one of a
  /// kind's two.
  private func slotLeft(
    _ namespace: NamespaceID, _ changed: SlotSet, of old: SetTable.Slots?
  ) -> NamespaceSlot {
    if let old {
      for slot in changed where state.namespaces[old[slot.rawValue]].id == namespace { return slot }
    }
    return .movedByCall(namespace.kind)
  }

  /// Adds the records of a move from `old` to `slots`: a creation where the task is a namespace's
  /// first, a change where it moved. A task without a known set has not moved.
  /// - Parameter number: the task's session; 0: none.
  mutating func describe(
    _ slots: SetTable.Slots, from old: SetTable.Slots?, changed: SlotSet, made: SlotSet,
    opid: UInt32, _ number: SessionTable.Number, _ draft: inout EventDraft,
    op: (NamespaceSlot) -> Operation
  ) {
    let containers = state.containers[slots[SetTable.labelLane]]
    let session = NamespaceState.printed(number, slots[SetTable.labelLane])
    note(session: number, &draft)
    let isHashed = options.identifiesSets || policy.labelsSets
    let setHash = isHashed ? NamespaceHash(state.memberships(in: slots)) : nil
    for slot in changed {
      let index = slots[slot.rawValue]
      let oldIndex = old?[slot.rawValue]
      guard !isTold(index, slot, slots, old) else { continue }
      let isUsed = state.namespaces.isUsed(index)
      let isMade = made.contains(slot)
      let isNew = !isUsed || isMade
      guard isNew || old != nil else { continue }
      let op = isMade ? op(slot) : op(slot).notMaking(isNew: isNew)
      if !isUsed && op != .setns { state.namespaces.beginGeneration(of: index) }
      if isNew { state.namespaces.noteFirst(opid, in: index, isMaker: isMade) }
      draft.event.namespaces.append(
        NamespaceRecord(
          verb: isNew ? .create : .change, op: op, kind: slot.kind,
          namespace: state.namespaces[index].id, old: oldIndex.map { state.namespaces[$0].id },
          opid: opid, containers: containers,
          namespaceContainers: isNew ? state.listLeft(on: index) : state.list(of: index),
          session: session, setHash: setHash))
    }
  }

  /// Whether the membership slot's record covers this slot: both have moved to one namespace.
  private func isTold(
    _ index: NamespaceTable.Index, _ slot: NamespaceSlot, _ slots: SetTable.Slots,
    _ old: SetTable.Slots?
  ) -> Bool {
    if slot.isMembership { return false }
    let membership = slot.membership.rawValue
    return slots[membership] == index && old?[membership] != index
  }

  /// Removes a task if nothing ends with it: others share its set and its subject. Nearly always
  /// so.
  /// - Returns: whether the task was removed.
  @inline(__always)
  mutating func endQuietly(_ index: TaskTable.Index, at time: UInt64) -> Bool {
    let task = state.tasks[index]
    guard !state.usage.hasChanged, !state.subjects.isLastOfCrowd(task.subject),
      state.sets.removeTaskAmongOthers(task.set)
    else { return false }
    state.endStay(of: index, at: time)
    state.subjects.release(task.subject)
    state.tasks.remove(at: index)
    return true
  }

  /// Removes a task, and writes an event if a namespace or container ended with it.
  mutating func end(
    _ index: TaskTable.Index, op: Operation, at time: UInt64, subject: nst_subject? = nil
  ) {
    let task = state.tasks[index]
    let slots = slotsOf(task.set)
    let containers = state.containers[slots?[SetTable.labelLane] ?? 0]
    var draft = begin(at: time, subject: subject ?? lastKnownSubject(of: task))
    setProgram(of: index, &draft)
    draft.event.actorContainers = containers
    draft.event.actorSession = session(of: task)
    state.endStay(of: index, at: time)
    state.leave(task.set, &draft.ended)
    state.subjects.discount(task.subject)
    draft.destroyEnded(opid: task.tid, containers, slots.flatMap(NamespaceState.session)) { _ in op
    }
    tellAssignments(opid: task.tid, &draft)
    draft.dropEnded(opid: task.tid)
    draft.endSession(opid: task.tid, SessionRecord.Way(op))
    finish(draft, about: task.tid)
    state.subjects.discardUnused(task.subject)
    state.tasks.remove(at: index)
  }

  func lastKnownSubject(of task: TaskTable.Entry) -> nst_subject? {
    guard var subject = state.subjects[task.subject] else { return nil }
    subject.task.tid = task.tid
    subject.task.tgid = task.tgid
    subject.task.start_ns = task.startNs
    return subject
  }
}
