// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace
@testable import NSTraceConformance

// Numbers that are given on before those who have left are reported: without ns_id one number names
// another namespace than it did before.

extension NaiveTracker {
  /// In which slots a report puts its task somewhere else than it was told to be.
  struct Changes {
    var slots: Set<NamespaceSlot>
    /// Of these the ones whose namespace the call has made.
    var made: Set<NamespaceSlot> = []

    /// unshare with a kind's flag, granted, always makes a new one of that kind, and whoever is told to
    /// have moved into that very one is where it was made.
    mutating func make(_ call: nst_call, at place: NamespacePlace) {
      guard call.op == NST_OP_UNSHARE.rawValue, call.result >= 0 else { return }
      let asked = slots.filter { call.flags & $0.kind.cloneFlag != 0 }
      let new = asked.filter { $0 == .movedByCall($0.kind) }.map { place[$0] }
      made = asked.filter { new.contains(place[$0]) }
    }

    /// So does clone, and the child is in it.
    mutating func makeAll(_ call: nst_call) {
      made = slots.filter { call.flags & $0.kind.cloneFlag != 0 }
    }
  }

  func changes(to place: NamespacePlace, from origin: Task?) -> Changes {
    guard let origin, let old = origin.place else {
      return Changes(slots: Set(NamespaceSlot.allCases))
    }
    return Changes(
      slots: Set(
        NamespaceSlot.allCases.filter { slot in
          old[slot] != place[slot] || origin.gone.contains(slot) || freed.contains(place[slot])
        }))
  }

  /// By setns, by birth from one that has entered, or by exec into what is held for children.
  func entered(
    _ place: NamespacePlace, _ changes: Changes, from origin: Task?,
    _ op: (NamespaceSlot) -> NSTrace.Operation
  ) -> Set<NamespaceSlot> {
    var entered = (origin?.entered ?? []).subtracting(changes.slots)
    for slot in changes.slots.subtracting(changes.made) {
      if op(slot) == .setns { entered.insert(slot) }
      guard let origin, let source = slot.source, !origin.gone.contains(source) else { continue }
      if origin.place?[source] == place[slot], origin.entered.contains(source) {
        entered.insert(slot)
      }
    }
    return entered
  }

  /// Where a number is another namespace's from now on, whoever was told to be in the one before has
  /// left it, unreported as yet: its end comes first. By FREED all have left; by a creation those who
  /// are there by creation or inheritance. Who was seen there later than that is in the new one, and so
  /// is whom the walk that is under way has seen there: what it saw may be younger than what made it.
  mutating func endOthers(of place: NamespacePlace, _ changes: Changes, at time: UInt64) {
    // A namespace that two slots hold has one end.
    var told: Set<NamespaceID> = []
    for kind in NamespaceKind.allCases {
      for slot in NamespaceSlot.allCases where slot.kind == kind && changes.slots.contains(slot) {
        let id = place[slot]
        if told.contains(id) { continue }
        told.insert(id)
        if freed.contains(id) {
          endLife(of: id, at: time) { _, _ in true }
        } else if changes.made.contains(slot), id.nsid == 0 {
          let walk = isWalking ? snapshots : nil
          endLife(of: id, at: time) { task, slot in
            let isSeen = walk != nil && task.seen == walk
            return !task.entered.contains(slot) && task.toldNs <= time && !isSeen
          }
        }
      }
    }
  }

  /// That it is told as created.
  mutating func note(_ id: NamespaceID, _ op: NSTrace.Operation, isMade: Bool) {
    if isMade { unexplained.remove(id) } else { unexplained.insert(id) }
  }

  /// Told of the first of those who have left; the others that are in it are in the new one. Where all
  /// have entered it the old one has ended as well, unless it was only known by their entrances: then
  /// it is the one that is made.
  private mutating func endLife(
    of id: NamespaceID, at time: UInt64, _ hasLeft: (Task, NamespaceSlot) -> Bool
  ) {
    var left: [UInt32: Set<NamespaceSlot>] = [:]
    for tid in users[id] ?? [] {
      guard let task = tasks[tid], let place = task.place else { continue }
      let slots = NamespaceSlot.allCases.filter {
        place[$0] == id && !task.gone.contains($0) && hasLeft(task, $0)
      }
      if !slots.isEmpty { left[tid] = Set(slots) }
    }
    let rest = unexplained.contains(id) ? [] : users[id] ?? []
    guard let first = left.keys.min() ?? rest.min(), let task = tasks[first] else { return }
    for (tid, slots) in left { abandon(id, slots, by: tid) }
    if users[id]?.isEmpty == true { users[id] = nil }
    freed.remove(id)
    unexplained.remove(id)
    let record = NamespaceRecord(
      verb: .destroy, op: .late, kind: id.kind, namespace: id, old: nil, opid: first,
      containers: .of(task.contid))
    // It is an event of its own, before the one that is being put together.
    let held = updates
    updates = []
    say([record], at: time, actor: task.program == nil ? nil : first, task.program)
    updates = held
  }

  private mutating func abandon(_ id: NamespaceID, _ slots: Set<NamespaceSlot>, by tid: UInt32) {
    tasks[tid]?.gone.formUnion(slots)
    tasks[tid]?.entered.subtract(slots)
    guard tasks[tid]?.held.contains(id) != true else { return }
    users[id]?.remove(tid)
    lists[id] = lists[id]?.compactMap { $0.without(tid) }
    if lists[id]?.isEmpty == true { lists[id] = nil }
  }

  /// Whoever is told to be in a namespace of that number has left it. Who was seen there since is in
  /// another one, which has the number by now.
  mutating func freed(_ event: nst_freed) {
    for (id, tids) in users where id.inum == event.inum && id.nsid == 0 {
      let isStale = tids.allSatisfy { (tasks[$0]?.toldNs ?? 0) <= event.hdr.time_ns }
      if isStale { freed.insert(id) }
    }
  }
}

extension NamespaceSlot {
  /// What a birth, or exec, puts into this slot.
  fileprivate var source: NamespaceSlot? {
    switch self {
    case .pid: .pidChildren
    case .time: .timeChildren
    default: nil
    }
  }
}
