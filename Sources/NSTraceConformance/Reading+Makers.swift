// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

// MARK: - R7: what a call has made

/// unshare and clone make a namespace of each kind that they are asked for (create_new_namespaces).
/// They can report a number as made that a task uses by the records so far. Then the number has
/// been given again: its users have left, and have not reported it yet.
extension Reading {
  func instances(in set: nst_set) -> [Instance] {
    NamespaceSlot.allCases.map { Instance(id: set[$0], generation: generations[set[$0]] ?? 0) }
  }

  /// The slots in which `set` differs from `place`.
  func changes(to set: nst_set, from place: [Instance]?) -> Set<NamespaceSlot> {
    let new = instances(in: set)
    return Set(NamespaceSlot.allCases.filter { place?[$0.rawValue] != new[$0.rawValue] })
  }

  /// The slots of the kinds that clone was asked for.
  func asked(by flags: UInt64) -> Set<NamespaceSlot> {
    Set(NamespaceSlot.allCases.filter { flags & $0.kind.cloneFlag != 0 })
  }

  /// Of the changed slots, those that hold a namespace made by unshare.
  func unshared(
    by call: nst_call?, in changes: Set<NamespaceSlot>, of set: nst_set
  ) -> Set<NamespaceSlot> {
    guard let call, call.systemCall == .unshare, call.result >= 0 else { return [] }
    let asked = asked(by: call.flags).intersection(changes)
    let new = asked.filter { $0 == .movedByCall($0.kind) }
    return asked.filter { slot in new.contains { set[$0] == set[slot] } }
  }

  /// The slots that a setns may have changed. A walk may have seen their new namespaces before it
  /// returned.
  func entrances(by call: nst_call) -> Set<NamespaceSlot> {
    guard call.systemCall == .setns, call.result >= 0 else { return [] }
    return call.flags == 0 ? Set(NamespaceSlot.allCases) : asked(by: call.flags)
  }

  /// The slots whose namespaces the task entered by setns, or took over from a slot that was
  /// entered so.
  func entered(
    _ place: [Instance], _ made: Set<NamespaceSlot>, from origin: Task?,
    _ op: (NamespaceKind) -> Operation
  ) -> Set<NamespaceSlot> {
    var entered: Set<NamespaceSlot> = []
    for slot in NamespaceSlot.allCases {
      let isChanged = origin?.place?[slot.rawValue] != place[slot.rawValue]
      let isKept = !isChanged && origin?.entered.contains(slot) == true
      let isOwn = isChanged && !made.contains(slot) && op(slot.kind) == .setns
      if isKept || isOwn { entered.insert(slot) }
      let source: NamespaceSlot? = slot == .pid ? .pidChildren : slot == .time ? .timeChildren : nil
      guard isChanged, !made.contains(slot), let source else { continue }
      if origin?.entered.contains(source) == true,
        origin?.place?[source.rawValue] == place[slot.rawValue]
      {
        entered.insert(slot)
      }
    }
    return entered
  }

  mutating func note(_ instance: Instance, isMade: Bool) {
    if isMade { made.insert(instance) } else { made.remove(instance) }
  }
}

// MARK: - R9: the former users of a number

extension Reading {
  mutating func endFreed(
    in changes: Set<NamespaceSlot>, made: Set<NamespaceSlot>, of set: nst_set, at time: UInt64
  ) {
    guard isNumberAlone else { return }
    var told: Set<NamespaceID> = []
    for slot in NamespaceSlot.allCases where changes.contains(slot) {
      let id = set[slot]
      guard id.nsid == 0, told.insert(id).inserted else { continue }
      let freed = untold[id] ?? []
      for instance in freed { end(instance, first: users(of: instance).first) }
      let now = Instance(id: id, generation: generations[id] ?? 0)
      if freed.isEmpty, made.contains(slot), holders[now] != nil { supersede(now, at: time) }
    }
  }

  private var isNumberAlone: Bool { initial.first.map { $0.nsid == 0 } ?? true }

  /// The tids of the namespace's users, in ascending order.
  private func users(of instance: Instance) -> [UInt32] {
    tasks.values.filter { $0.place?.contains(instance) == true }.map(\.id.tid).sorted()
  }

  /// Ends a namespace whose number was made anew. A task that entered it by setns, or was seen in
  /// it later, is in the new one; the others have left. If all its users are known by such entries
  /// alone, it is the new one.
  private mutating func supersede(_ old: Instance, at time: UInt64) {
    let users = users(of: old)
    let stays = users.map { (tid: $0, slots: staying($0, in: old, at: time)) }
    let leaver = stays.first { $0.slots != held(by: $0.tid, old) }?.tid
    guard let first = leaver ?? (made.contains(old) ? users.first : nil) else { return }
    var new = old
    new.generation += 1
    generations[old.id] = new.generation
    wash(old.id)
    end(old, first: first)
    for (tid, slots) in stays where !slots.isEmpty {
      guard let task = tasks[tid], var place = task.place else { continue }
      for slot in slots { place[slot.rawValue] = new }
      if let origin = task.place { account.follow(tid, from: origin, to: place) }
      note(tid)
      hold(place, task.list)
      _ = release(task.place, task.list)
      tasks[tid]?.place = place
      if let moved = tasks[tid] { count(inside: moved) }
      // The session goes on in the new one.
      _ = discount(inside: task)
      note(tid)
    }
  }

  private func held(by tid: UInt32, _ instance: Instance) -> Set<NamespaceSlot> {
    Set(NamespaceSlot.allCases.filter { tasks[tid]?.place?[$0.rawValue] == instance })
  }

  private func staying(
    _ tid: UInt32, in instance: Instance, at time: UInt64
  ) -> Set<NamespaceSlot> {
    guard let task = tasks[tid] else { return [] }
    let held = held(by: tid, instance)
    let isSeen = isWalking && task.seen == snapshots
    return task.toldNs > time || isSeen ? held : held.intersection(task.entered)
  }

  private mutating func end(_ instance: Instance, first tid: UInt32?) {
    forgetUntold(instance)
    ended.insert(instance)
    guard let tid, let task = tasks[tid] else { return }
    note(tid)
    name(tid, task.stay)
    let record = NamespaceRecord(
      verb: .destroy, op: .late, kind: instance.id.kind, namespace: instance.id, old: nil,
      opid: tid)
    say([record], carrying: task.list)
  }

  mutating func forgetUntold(_ instance: Instance) {
    guard var list = untold[instance.id] else { return }
    list.removeAll { $0 == instance }
    untold[instance.id] = list.isEmpty ? nil : list
  }

  /// Ends the namespaces with a number that is free. A task in one of them has left it, unless a
  /// walk has seen it there later.
  mutating func free(_ inum: UInt32, at time: UInt64) {
    guard isNumberAlone else { return }
    for kind in NamespaceKind.allCases {
      let id = NamespaceID(kind: kind, inum: inum, nsid: 0)
      let now = Instance(id: id, generation: generations[id] ?? 0)
      guard holders[now] != nil,
        !users(of: now).contains(where: { (tasks[$0]?.toldNs ?? 0) > time })
      else { continue }
      generations[id] = now.generation + 1
      wash(id)
      untold[id, default: []].append(now)
    }
  }
}
