// SPDX-License-Identifier: Apache-2.0

package import CNSWire

// MARK: - T2: which namespace a stain belongs to

extension Tracker where Sink: ~Copyable {
  package mutating func stain(_ event: nst_stain) {
    let container = ContainerID(high: event.contid_high, low: event.contid_low)
    guard phase == .waiting, !container.isUnset, let id = NamespaceID(event) else { return }
    state.keepStain(NamespaceStain(container, on: id))
  }

  /// What became of stains since the last call; nothing, unless `notesStains` is set.
  package mutating func takeStainChanges() -> [NamespaceStain.Change] {
    state.stains.takeChanges()
  }

  /// Whether changes of stains are noted, for `takeStainChanges`.
  package var notesStains: Bool {
    get { state.stains.notesChanges }
    set { state.stains.notesChanges = newValue && state.keepsStains }
  }

  /// Takes the stains from namespaces that only have the numbers of stained ones: what a call has
  /// made, and, if the stream says neither ns_id nor when a number is free, what a task is found in.
  /// Only setns enters a namespace that no task used. Before the stream began a number may have been
  /// freed unseen.
  /// - Parameter op: what moved a slot.
  mutating func washRenewed(
    _ slots: SetTable.Slots, changed: SlotSet, made: SlotSet, op: (NamespaceSlot) -> Operation
  ) {
    if state.stains.isEmpty { return }
    for slot in changed where !state.namespaces.isUsed(slots[slot.rawValue]) {
      let id = state.namespaces[slots[slot.rawValue]].id
      let isKnown = id.nsid != 0 || tellsFreed && !state.stains.isEarlier(id)
      let isIdentified = isKnown || op(slot) == .setns
      if made.contains(slot) || !isIdentified { state.stains.remove(id) }
    }
  }

  /// Forgets stained namespaces if there are too many, and records how many.
  mutating func forgetStains(at time: UInt64) {
    let count = state.forgetStains()
    if count > 0 {
      lost(nst_lost(forgotten: UInt32(clamping: count), of: NST_KIND_PINNED, at: time))
    }
  }

  /// Whether a registration would reach a task without an ID that uses a stained namespace.
  func reachesStained(_ event: nst_register, _ members: [nst_member]) -> Bool {
    if state.stains.isEmpty { return false }
    let reachesAll = Int32(event.flags) & NST_REGISTER_DESCENDANTS != 0
    return members.contains { member in
      (reachesAll || member.isTarget) && known(member.task) != nil
        && state.registeredContainers(of: member.task.tid).isUnset
        && state.usesStained(member.task.tid)
    }
  }
}

extension NamespaceID {
  /// - Returns: nil for a kind that there is none of.
  fileprivate init?(_ event: nst_stain) {
    self.init(type: event.type, inum: event.inum, nsid: event.id)
  }
}
