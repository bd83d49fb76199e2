// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

// MARK: - Namespaces that a call has made

/// A task is in its new namespaces before its system call returns, and only the return is reported.
/// Meanwhile a namespace that the task left can be freed, and its number reused by a maker that
/// reports first. unshare(2) and clone(2) always make a namespace of each kind that they are asked
/// for (create_new_namespaces, copy_*_ns). If they report a number as made, all users of the old
/// namespace have left it.
extension Tracker where Sink: ~Copyable {
  /// The slots whose namespaces a call has made, out of those that it changed.
  func madeSlots(by call: nst_call, in changed: SlotSet, of set: nst_set) -> SlotSet {
    guard call.systemCall == .unshare, call.result >= 0 else { return .none }
    var made = SlotSet.none
    for slot in changed where call.asks(for: slot.kind) && slot == .movedByCall(slot.kind) {
      made.insert(slot)
      if slot.isMembership { continue }
      // The kernel never puts the caller into a namespace made for its children; a hostile stream
      // may.
      let isInside = changed.contains(slot.membership) && set[slot.membership] == set[slot]
      if isInside { made.insert(slot.membership) }
    }
    return made
  }

  /// The slots whose namespaces clone made for the child. The parent does not use them.
  func madeSlots(by event: nst_clone, in changed: SlotSet) -> SlotSet {
    var made = SlotSet.none
    for slot in changed where event.call.asks(for: slot.kind) { made.insert(slot) }
    return made
  }

  /// The slots in which a child's namespaces differ from its parent's.
  func changedSlots(by event: nst_clone) -> SlotSet {
    let parent = known(event.subject.task)
    let from = parent.map { setOf(state.tasks[$0], at: event.hdr.time_ns) } ?? .unknown
    return changedSlots(of: from, to: event.set)
  }

  /// The slots that a report changes. First ends the namespaces that had the report's numbers
  /// before.
  mutating func changes(
    of index: TaskTable.Index, to set: nst_set, by call: nst_call? = nil, at time: UInt64
  ) -> SlotChanges {
    let claimed = claimed(by: call, of: index, in: set)
    guard time >= state.tasks[index].asOfNs,
      endFreed(in: claimed.slots, made: claimed.made, of: set, at: time)
    else { return claimed }
    // A namespace that has just ended no longer counts as the task's, though the number is the
    // same.
    return self.claimed(by: call, of: index, in: set)
  }

  /// The slots that a report changes as far as is known. Ends nothing.
  func claimed(
    by call: nst_call? = nil, of index: TaskTable.Index, in set: nst_set
  ) -> SlotChanges {
    let changed = changedSlots(of: state.tasks[index].set, to: set)
    guard let call, !changed.isEmpty else { return SlotChanges(slots: changed) }
    return SlotChanges(slots: changed, made: madeSlots(by: call, in: changed, of: set))
  }

  /// Ends the namespaces whose numbers a report gives to others: freed ones, and ones in use by a
  /// number that the call made. Their users have left, and have yet to report. Each end is an event
  /// of its own, before the report's.
  /// - Returns: whether any may have ended; the slots must then be compared again.
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

  /// Whether namespaces have only inode numbers: before 6.18.
  private var isNumberAlone: Bool { host?.initial.first.map { $0.nsid == 0 } ?? true }

  /// Gives the number of a namespace in use to another namespace. Tasks that came into the old one
  /// by setns, or that were seen in it later than the call was reported, may be in the new one and
  /// stay in it.
  private mutating func supersede(_ index: NamespaceTable.Index, at time: UInt64) {
    let namespace = state.namespaces[index]
    guard namespace.id.nsid == 0 else { return }
    if !namespace.wasEntered, !isWalking, let only = onlyUser(of: index), !isSeen(only, after: time)
    {
      state.free(index)
      return endUnreported(index, first: only, at: time)
    }
    let users = users(of: index)
    let stays = users.map { (tid: $0, slots: stayingSlots(of: $0, in: index, at: time)) }
    let leaver = stays.first { $0.slots.isEmpty || !holdsOnly($0.slots, of: $0.tid, index) }?.tid
    guard let first = leaver ?? (namespace.wasMade ? users.first : nil) else { return }
    state.free(index)
    endUnreported(index, first: first, at: time)
    let staying = inOrder(of: index, stays.filter { !$0.slots.isEmpty })
    if staying.isEmpty { return }
    let new = state.namespaces.intern(namespace.id)
    for (tid, slots) in staying { transfer(tid, slots, to: new, at: time) }
    state.usage.removeChanges(of: index)
    state.namespaces.noteEntry(into: new)
  }

  /// Users in the order of the namespace's list of containers.
  private func inOrder(
    of index: NamespaceTable.Index, _ users: [(tid: UInt32, slots: SlotSet)]
  ) -> [(tid: UInt32, slots: SlotSet)] {
    let listed = state.usage.users(of: index)
    let order = Dictionary(uniqueKeysWithValues: listed.enumerated().map { ($1, $0) })
    let places = users.map { user in
      state.containers(of: user.tid).elements.compactMap { order[$0.id] }.min() ?? listed.count
    }
    return users.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { users[$0] }
  }

  /// Ends a freed namespace whose users have yet to report that they left it.
  private mutating func endUnreported(
    _ index: NamespaceTable.Index, first tid: UInt32?, at time: UInt64
  ) {
    guard let tid, let task = state.tasks.find(tid) else { return state.namespaces.end(index) }
    let containers = containers(of: task)
    var draft = begin(at: time, subject: lastKnownSubject(of: state.tasks[task]))
    setProgram(of: task, &draft)
    setActor(task, &draft)
    let session = slotsOf(state.tasks[task].set).flatMap(NamespaceState.session)
    draft.event.namespaces.append(
      NamespaceRecord(
        destroying: state.namespaces[index].id, opid: tid, op: .late, containers, session))
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
    // Nothing more ends: the namespace is freed, and the new set holds the others.
    var ended = NamespaceState.Departure()
    state.leave(left, &ended)
  }

  /// T5: moves the task to a set with another ID.
  private mutating func transfer(
    _ task: TaskTable.Index, to slots: inout SetTable.Slots, at time: UInt64
  ) {
    let left = state.tasks[task].set
    let opid = state.tasks[task].tid
    var draft = begin(at: time, subject: lastKnownSubject(of: state.tasks[task]))
    setProgram(of: task, &draft)
    setActor(task, &draft)
    labelBySet(&slots, from: slotsOf(left), opid: opid, &draft)
    slots.tag(state.tasks[task].confinement)
    state.changeStay(of: task, from: slotsOf(left), to: slots, at: time)
    state.tasks[task].set = state.enter(slots, told: state.sets.told(left))
    state.leave(left, &draft.ended)
    draft.dropEnded(opid: opid)
    tellAssignments(opid: opid, &draft)
    finish(draft)
  }

  /// Handles a FREED record: all users of a namespace with this number have left it, except tasks
  /// that were reported in it at a later time.
  mutating func free(_ inum: UInt32, at time: UInt64) {
    guard isNumberAlone else { return }
    for kind in NamespaceKind.allCases {
      let id = NamespaceID(kind: kind, inum: inum, nsid: 0)
      guard let index = state.namespaces.find(id) else { continue }
      if time < lastToldNs, users(of: index).contains(where: { isSeen($0, after: time) }) {
        continue
      }
      state.free(index)
    }
  }

  private func isSeen(_ tid: UInt32, after time: UInt64) -> Bool {
    state.tasks.find(tid).map { state.tasks[$0].asOfNs > time } ?? false
  }
}

// MARK: - Users

extension Tracker where Sink: ~Copyable {
  /// The tid of a namespace's first task if it is the only user, which is nearly always so.
  private func onlyUser(of index: NamespaceTable.Index) -> UInt32? {
    let namespace = state.namespaces[index]
    guard let task = state.tasks.find(namespace.first), let slots = slotsOf(state.tasks[task].set)
    else { return nil }
    let held = heldSlots(slots, index)
    let count = held.reduce(0) { sum, _ in sum + 1 }
    let isOnly = count == namespace.users && !state.sets.isShared(state.tasks[task].set)
    return isOnly ? namespace.first : nil
  }

  /// The tids of a namespace's users, ascending.
  private func users(of index: NamespaceTable.Index) -> [UInt32] {
    // Looking through all tasks for each FREED of a storm kept a start among 20,000 tasks from its
    // end.
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

  /// The slots by which a user stays in the namespace that has the number now.
  private func stayingSlots(
    of tid: UInt32, in index: NamespaceTable.Index, at time: UInt64
  ) -> SlotSet {
    guard let place = state.tasks.find(tid), let slots = slotsOf(state.tasks[place].set) else {
      return .none
    }
    let task = state.tasks[place]
    let held = heldSlots(slots, index)
    let isSeen = isWalking && state.tasks.walk(at: place) == epoch
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

  /// The slots whose namespaces a task entered by setns, or has from a task that did: by birth, or
  /// by exec into what it held for its children.
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

  /// Notes a setns of a task that a walk has seen in its new set. It may have entered any namespace
  /// of the kinds that it asked for.
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
  /// The slot that birth or exec copies into this one.
  fileprivate var source: NamespaceSlot? {
    switch self {
    case .pid: .pidChildren
    case .time: .timeChildren
    case .mnt, .uts, .ipc, .pidChildren, .user, .net, .cgroup, .timeChildren: nil
    }
  }
}
