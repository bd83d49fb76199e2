// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

// MARK: - What a call has made

/// A task is in its new namespaces before its system call returns, and only the return is reported: what
/// it has left may be freed, and its number given to another namespace, whose maker reports first.
/// unshare(2) and clone(2) always make a namespace of a kind that they are asked for
/// (create_new_namespaces, copy_*_ns), so a number that they report as made is nobody else's any more.
extension Tracker where Sink: ~Copyable {
  /// The slots whose namespaces a call has made. Of what the task was found in before it reported,
  /// nothing more is to be said.
  func madeSlots(by call: nst_call, in changed: SlotSet, of set: nst_set) -> SlotSet {
    guard call.systemCall == .unshare, call.result >= 0 else { return .none }
    var made = SlotSet.none
    for slot in changed where call.asks(for: slot.kind) && slot == .movedByCall(slot.kind) {
      made.insert(slot)
      if slot.isMembership { continue }
      // No kernel puts the caller itself into what it made for its children; a hostile stream may say so.
      let isInside = changed.contains(slot.membership) && set[slot.membership] == set[slot]
      if isInside { made.insert(slot.membership) }
    }
    return made
  }

  /// The same of a birth: what was made for the child is not its parent's.
  func madeSlots(by event: nst_clone, in changed: SlotSet) -> SlotSet {
    var made = SlotSet.none
    for slot in changed where event.call.asks(for: slot.kind) { made.insert(slot) }
    return made
  }

  /// The slots in which a child is elsewhere than its parent.
  func changedSlots(by event: nst_clone) -> SlotSet {
    let parent = known(event.subject.task)
    let from = parent.map { setOf(state.tasks[$0], at: event.hdr.time_ns) } ?? .unknown
    return changedSlots(of: from, to: event.set)
  }

  /// What a report changes of a task's set, once the namespaces that had its numbers before are ended.
  mutating func changes(
    of index: TaskTable.Index, to set: nst_set, by call: nst_call? = nil, at time: UInt64
  ) -> SlotChanges {
    let claimed = claimed(by: call, of: index, in: set)
    guard time >= state.tasks[index].asOfNs,
      endFreed(in: claimed.slots, made: claimed.made, of: set, at: time)
    else { return claimed }
    // What has just ended under a number is not where the task was by that number.
    return self.claimed(by: call, of: index, in: set)
  }

  /// The same by what is known so far: nothing is ended.
  func claimed(
    by call: nst_call? = nil, of index: TaskTable.Index, in set: nst_set
  ) -> SlotChanges {
    let changed = changedSlots(of: state.tasks[index].set, to: set)
    guard let call, !changed.isEmpty else { return SlotChanges(slots: changed) }
    return SlotChanges(slots: changed, made: madeSlots(by: call, in: changed, of: set))
  }

  /// Ends the namespaces whose numbers a report gives as another's: those that are freed, and those
  /// that were in use by a number which a call has made. Their users have left, and have not reported
  /// it yet. Each end is an event of its own, before the report's.
  /// - Returns: whether any may have ended: then the slots that the report changes are to be looked at again.
  @discardableResult
  mutating func endFreed(
    in changed: SlotSet, made: SlotSet, of set: nst_set, at time: UInt64
  ) -> Bool {
    guard !made.isEmpty || state.namespaces.freedCount > 0, isNumberAlone else { return false }
    for slot in changed {
      let id = set[slot]
      guard slot.isMembership || !changed.contains(slot.membership) || set[slot.membership] != id
      else { continue }
      let freed = state.namespaces.freedUntold(id)
      for index in freed { endUnreported(index, first: users(of: index).first, at: time) }
      guard freed.isEmpty, made.contains(slot), let index = state.namespaces.find(id),
        state.namespaces.isUsed(index)
      else { continue }
      supersede(index, at: time)
    }
    return true
  }

  /// An inode number is all that there is to tell a namespace by: before 6.18.
  private var isNumberAlone: Bool { host?.initial.first.map { $0.nsid == 0 } ?? true }

  /// The number of a namespace in use is another namespace's from now on. In that one are those that
  /// came into it by setns, for what they entered may be what was made, and those that were seen in it
  /// later than the call was reported. What was known by their entering alone is what was made.
  private mutating func supersede(_ index: NamespaceTable.Index, at time: UInt64) {
    let namespace = state.namespaces[index]
    guard namespace.id.nsid == 0 else { return }
    if !namespace.wasEntered, !isWalking, let only = onlyUser(of: index), !isSeen(only, after: time)
    {
      state.namespaces.free(index)
      return endUnreported(index, first: only, at: time)
    }
    let users = users(of: index)
    let stays = users.map { (tid: $0, slots: stayingSlots(of: $0, in: index, at: time)) }
    let leaver = stays.first { $0.slots.isEmpty || !holdsOnly($0.slots, of: $0.tid, index) }?.tid
    guard let first = leaver ?? (namespace.wasMade ? users.first : nil) else { return }
    state.namespaces.free(index)
    endUnreported(index, first: first, at: time)
    let staying = inOrder(of: index, stays.filter { !$0.slots.isEmpty })
    if staying.isEmpty { return }
    let new = state.namespaces.intern(namespace.id)
    for (tid, slots) in staying { transfer(tid, slots, to: new, at: time) }
    state.usage.removeChanges(of: index)
    state.namespaces.noteEntry(into: new)
  }

  /// In the order in which their containers came into the namespace, which its list keeps.
  private func inOrder(
    of index: NamespaceTable.Index, _ users: [(tid: UInt32, slots: SlotSet)]
  ) -> [(tid: UInt32, slots: SlotSet)] {
    let listed = state.usage.users(of: index)
    let places = users.map { user in
      state.containers(of: user.tid).elements.compactMap { listed.firstIndex(of: $0.id) }.min()
        ?? listed.count
    }
    return users.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { users[$0] }
  }

  /// A namespace that is freed ends, though its users have not reported yet that they have left it.
  private mutating func endUnreported(
    _ index: NamespaceTable.Index, first tid: UInt32?, at time: UInt64
  ) {
    guard let tid, let task = state.tasks.find(tid) else { return state.namespaces.end(index) }
    let containers = containers(of: task)
    var draft = begin(at: time, subject: lastKnownSubject(of: state.tasks[task]))
    setProgram(of: task, &draft)
    draft.event.namespaces.append(
      NamespaceRecord(
        destroying: state.namespaces[index].id, opid: tid, op: .late, containers))
    draft.event.actorContainers = containers
    state.namespaces.end(index)
    finish(draft)
  }

  private mutating func transfer(
    _ tid: UInt32, _ moved: SlotSet, to new: NamespaceTable.Index, at time: UInt64
  ) {
    guard let task = state.tasks.find(tid), var slots = slotsOf(state.tasks[task].set) else {
      return
    }
    let left = state.tasks[task].set
    for slot in moved { slots[slot.rawValue] = new }
    if policy.labelsSets { return transfer(task, to: &slots, at: time) }
    state.tasks[task].set = state.enter(slots, told: state.sets.told(left))
    // Nothing ends with that: the namespace is freed, and the rest is in the new set.
    var ended = NamespaceState.Departure()
    state.leave(left, &ended)
  }

  /// T5: the set is another one, and so is its ID.
  private mutating func transfer(
    _ task: TaskTable.Index, to slots: inout SetTable.Slots, at time: UInt64
  ) {
    let left = state.tasks[task].set
    let opid = state.tasks[task].tid
    var draft = begin(at: time, subject: lastKnownSubject(of: state.tasks[task]))
    setProgram(of: task, &draft)
    draft.event.actorContainers = containers(of: task)
    labelBySet(&slots, from: slotsOf(left), opid: opid, &draft)
    slots.tag(state.tasks[task].confinement)
    state.tasks[task].set = state.enter(slots, told: state.sets.told(left))
    state.leave(left, &draft.ended)
    draft.dropEnded(opid: opid)
    tellAssignments(opid: opid, &draft)
    finish(draft)
  }

  /// The kernel side reports that a number is free: whoever is thought to use a namespace by that
  /// number has left it, but for those that were told to be there at a later time.
  mutating func free(_ inum: UInt32, at time: UInt64) {
    guard isNumberAlone else { return }
    for kind in NamespaceKind.allCases {
      let id = NamespaceID(kind: kind, inum: inum, nsid: 0)
      guard let index = state.namespaces.find(id) else { continue }
      if time < lastToldNs, users(of: index).contains(where: { isSeen($0, after: time) }) {
        continue
      }
      state.namespaces.free(index)
    }
  }

  private func isSeen(_ tid: UInt32, after time: UInt64) -> Bool {
    state.tasks.find(tid).map { state.tasks[$0].asOfNs > time } ?? false
  }
}

// MARK: - Users

extension Tracker where Sink: ~Copyable {
  /// Who was told to be the first in it, where nobody else uses it: nearly always.
  private func onlyUser(of index: NamespaceTable.Index) -> UInt32? {
    let namespace = state.namespaces[index]
    guard let task = state.tasks.find(namespace.first), let slots = slotsOf(state.tasks[task].set)
    else { return nil }
    let held = heldSlots(slots, index)
    let count = held.reduce(0) { sum, _ in sum + 1 }
    let isOnly = count == namespace.users && !state.sets.isShared(state.tasks[task].set)
    return isOnly ? namespace.first : nil
  }

  /// In the order of tids.
  private func users(of index: NamespaceTable.Index) -> [UInt32] {
    // To look through all tasks for each FREED of a storm kept a start among 20,000 tasks from its end.
    if state.namespaces[index].users == 0 { return [] }
    if let only = onlyUser(of: index) { return [only] }
    var tids: [UInt32] = []
    state.tasks.forEach { task in
      guard let slots = slotsOf(task.set), !heldSlots(slots, index).isEmpty else { return }
      tids.append(task.tid)
    }
    return tids.sorted()
  }

  private func heldSlots(_ slots: SetTable.Slots, _ index: NamespaceTable.Index) -> SlotSet {
    var held = SlotSet.none
    for slot in SlotSet.all where slots[slot.rawValue] == index { held.insert(slot) }
    return held
  }

  /// By which slots a user is in what has the number now.
  private func stayingSlots(
    of tid: UInt32, in index: NamespaceTable.Index, at time: UInt64
  ) -> SlotSet {
    guard let place = state.tasks.find(tid), let slots = slotsOf(state.tasks[place].set) else {
      return .none
    }
    let task = state.tasks[place]
    let held = heldSlots(slots, index)
    let isSeen = isWalking && task.seenIn == epoch
    return task.asOfNs > time || isSeen ? held : held.intersection(task.entered)
  }

  private func holdsOnly(
    _ staying: SlotSet, of tid: UInt32, _ index: NamespaceTable.Index
  ) -> Bool {
    guard let task = state.tasks.find(tid), let slots = slotsOf(state.tasks[task].set) else {
      return false
    }
    return heldSlots(slots, index).subtracting(staying).isEmpty
  }

  var isWalking: Bool { phase == .starting || phase == .resyncing }

  /// The slots whose namespaces a task came into by setns, or has from one that did: by birth, or by
  /// exec into what it held for its children.
  mutating func entered(
    _ slots: SetTable.Slots, _ changed: SlotSet, _ made: SlotSet, from index: TaskTable.Index,
    _ op: (NamespaceSlot) -> Operation
  ) -> SlotSet {
    var entered = state.tasks[index].entered.subtracting(changed)
    if changed.subtracting(made).isEmpty { return entered }
    let origin = state.tasks[index]
    let old = slotsOf(origin.set)
    for slot in changed.subtracting(made) {
      let namespace = slots[slot.rawValue]
      if op(slot) == .setns {
        entered.insert(slot)
        state.namespaces.noteEntry(into: namespace)
      }
      guard let source = slot.source, origin.entered.contains(source) else { continue }
      if old?[source.rawValue] == namespace { entered.insert(slot) }
    }
    return entered
  }

  /// A setns whose task a walk has seen where it went: it may have entered any namespace of the kinds
  /// that it asked for.
  mutating func noteEntrances(of index: TaskTable.Index, by call: nst_call) {
    guard call.systemCall == .setns, call.result >= 0,
      let slots = slotsOf(state.tasks[index].set)
    else { return }
    for slot in SlotSet.all where call.flags == 0 || call.flags & slot.kind.cloneFlag != 0 {
      state.tasks[index].entered.insert(slot)
      state.namespaces.noteEntry(into: slots[slot.rawValue])
    }
  }
}

extension nst_call {
  fileprivate func asks(for kind: NamespaceKind) -> Bool { flags & kind.cloneFlag != 0 }
}

extension NamespaceSlot {
  /// What a birth, or exec, puts into this slot.
  fileprivate var source: NamespaceSlot? {
    switch self {
    case .pid: .pidChildren
    case .time: .timeChildren
    case .mnt, .uts, .ipc, .pidChildren, .user, .net, .cgroup, .timeChildren: nil
    }
  }
}
