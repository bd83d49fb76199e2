// SPDX-License-Identifier: Apache-2.0

// MARK: - Sessions that began before the stream did

extension NamespaceState {
  /// What tasks are inside of what their processes were, by tid. A thread may be elsewhere than its process
  /// was, and so may be a process that has moved since: in the host's namespaces, or where only other
  /// containers live.
  func visits(from kept: KeptSessions) -> [UInt32: KeptSessions.Visit] {
    let tasks = tasks.sorted.filter { $0.set != .unknown }
    var visits: [UInt32: KeptSessions.Visit] = [:]
    for task in tasks {
      visits[task.tid] = kept.visit(of: task, in: self)
      visits[task.tid]?.drop { isOutside(sets[task.set][$0.rawValue]) }
    }
    let residents = residents(with: tasks, besides: visits)
    for task in tasks {
      guard let visit = visits[task.tid], let session = kept[visit.session] else { continue }
      visits[task.tid]?.drop { slot in
        guard let living = residents[sets[task.set][slot.rawValue]] else { return false }
        return !session.containers.elements.contains { living.contains($0.id) }
      }
    }
    return visits.filter { !$0.value.slots.isEmpty }
  }

  private func isOutside(_ namespace: NamespaceTable.Index) -> Bool {
    namespaces[namespace].hasEnded || isHosts(namespace)
  }

  /// The containers that live in each namespace (`NamespaceInside.residents`) while tasks are inside by these
  /// visits.
  private func residents(
    with tasks: [TaskTable.Entry], besides visits: [UInt32: KeptSessions.Visit]
  ) -> [NamespaceTable.Index: Set<ContainerID>] {
    var residents: [NamespaceTable.Index: Set<ContainerID>] = [:]
    if visits.isEmpty { return residents }
    for task in tasks {
      let slots = sets[task.set]
      let own = containers[slots[SetTable.labelLane]].elements.filter { !$0.isParent }.map(\.id)
      if own.isEmpty { continue }
      for slot in SlotSet.all.subtracting(visits[task.tid]?.slots ?? .none) {
        residents[slots[slot.rawValue], default: []].formUnion(own)
      }
    }
    return residents
  }
}

extension KeptSessions.Visit {
  fileprivate mutating func drop(where isOutside: (NamespaceSlot) -> Bool) {
    for slot in slots where isOutside(slot) { slots.remove(slot) }
  }
}
