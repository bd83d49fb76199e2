// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace
@testable import NSTraceConformance

// Numbers that are given again before the tasks that left are reported. Without ns_id such a number
// then names another namespace.

extension NaiveTracker {
  /// The slots in which a report's set differs from the stored set of its task.
  struct Changes {
    var slots: Set<NamespaceSlot>
    /// The changed slots whose namespaces the call has made.
    var made: Set<NamespaceSlot> = []

    /// A granted unshare with a kind's flag always makes a namespace of that kind. A task that it
    /// reports in a new namespace of the kind is in that one.
    mutating func make(_ call: nst_call, at place: NamespacePlace) {
      guard call.op == NST_OP_UNSHARE.rawValue, call.result >= 0 else { return }
      let asked = slots.filter { call.flags & $0.kind.cloneFlag != 0 }
      let new = asked.filter { $0 == .movedByCall($0.kind) }.map { place[$0] }
      made = asked.filter { new.contains(place[$0]) }
    }

    /// A granted clone makes them, too, and the child is in them.
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

  /// The slots entered by setns, by birth from a task that has entered, or by an exec into the
  /// namespaces for children.
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

  /// Ends the namespaces whose numbers other namespaces have now. A task in one of them has left
  /// it, unreported so far, so its end comes first. After a FREED all tasks have left. After a
  /// creation those have left that came by creation or inheritance. A task that was seen there
  /// later is in the new namespace. So is a task that the walk under way has seen there, because
  /// the walk may be later than the creation.
  mutating func endOthers(of place: NamespacePlace, _ changes: Changes, at time: UInt64) {
    // A namespace in two slots has one end.
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

  /// Notes that the namespace is recorded as created.
  mutating func note(_ id: NamespaceID, _ op: NSTrace.Operation, isMade: Bool) {
    if isMade { unexplained.remove(id) } else { unexplained.insert(id) }
  }

  /// Ends a namespace, by the first task that has left it; the other tasks in it are in the new
  /// one. If all have entered it, the old one has ended as well, unless it is known only by their
  /// entries: then it is the one that was made.
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
    washEnded(id)
    if users[id]?.isEmpty == true { users[id] = nil }
    freed.remove(id)
    unexplained.remove(id)
    let record = NamespaceRecord(
      verb: .destroy, op: .late, kind: id.kind, namespace: id, old: nil, opid: first,
      containers: .of(task.contid), session: task.printedSession)
    // The end is an event of its own, before the one under way.
    let held = updates
    updates = []
    say(
      [record], at: time, actor: task.program == nil ? nil : first, task.program, task.session)
    updates = held
  }

  private mutating func abandon(_ id: NamespaceID, _ slots: Set<NamespaceSlot>, by tid: UInt32) {
    tasks[tid]?.gone.formUnion(slots)
    tasks[tid]?.entered.subtract(slots)
    guard tasks[tid]?.held.contains(id) != true else { return }
    users[id]?.remove(tid)
    takeUse(of: id, by: tid)
  }

  /// Ends the namespaces with a freed number. A task in one has left it. A task that was seen there
  /// since is in another namespace with the same number.
  mutating func freed(_ event: nst_freed) {
    for (id, tids) in users where id.inum == event.inum && id.nsid == 0 {
      let isStale = tids.allSatisfy { (tasks[$0]?.toldNs ?? 0) <= event.hdr.time_ns }
      if isStale { freed.insert(id) }
    }
    freeStains(event.inum)
  }
}

extension NamespaceSlot {
  /// The slot from which a birth, or an exec, fills this one.
  fileprivate var source: NamespaceSlot? {
    switch self {
    case .pid: .pidChildren
    case .time: .timeChildren
    default: nil
    }
  }
}
