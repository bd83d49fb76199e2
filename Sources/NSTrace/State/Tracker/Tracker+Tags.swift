// SPDX-License-Identifier: Apache-2.0

// MARK: - T10: tags that are taken on entry

extension Tracker where Sink: ~Copyable {
  /// Gives a task that enters namespaces the IDs in their lists that were registered to be taken on
  /// entry, and adds a record for each (T14). A task that is seen late has entered the namespaces that
  /// it is found in; before the first snapshot is complete none has.
  /// - Parameter made: the slots whose namespaces the task made. Those are not entered.
  mutating func takeTags(
    _ slots: inout SetTable.Slots, from old: SetTable.Slots?, made: SlotSet = .none, opid: UInt32,
    _ draft: inout EventDraft
  ) {
    guard policy.tagsEntrants, state.hasLists, phase != .starting else { return }
    let tags = tagsEntered(slots, from: old, made)
    if tags.isEmpty { return }
    let label = slots[SetTable.labelLane]
    var carried = state.containers[label]
    // The IDs of a cgroup give way to registered ones.
    var list = state.containers.origin(of: label) == .cgroup ? ContainerList() : carried
    for id in tags where !list.contains(id) {
      let longer = policy.list(list, joinedBy: id)
      let fits = longer.elements.count <= ContainerList.limit
      draft.event.containers.append(
        ContainerRecord(
          verb: .set, opid: opid, id: id, old: carried, name: state.containers[id]?.name ?? [],
          source: .entry, refusal: fits ? nil : .exists))
      if fits { (list, carried) = (longer, longer) }
    }
    slots[SetTable.labelLane] = state.containers.intern(list)
  }

  /// The IDs that are to be taken, of the namespaces that a task enters, each once.
  private func tagsEntered(
    _ slots: SetTable.Slots, from old: SetTable.Slots?, _ made: SlotSet
  ) -> [ContainerID] {
    var tags: [ContainerID] = []
    for slot in NamespaceSlot.allCases {
      let namespace = slots[slot.rawValue]
      if namespace == old?[slot.rawValue] || made.contains(slot) { continue }
      for element in state.list(of: namespace).elements
      where state.containers.isTakenOnEntry(element.id) && !tags.contains(element.id) {
        tags.append(element.id)
      }
    }
    return tags
  }
}
