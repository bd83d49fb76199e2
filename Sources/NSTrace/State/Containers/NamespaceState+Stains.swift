// SPDX-License-Identifier: Apache-2.0

// MARK: - T2: stained namespaces

/// Under a policy that stains namespaces, each namespace that a registered task uses is stained with
/// the task's IDs, except the host's own. It keeps the stain while it lives. Without ns_id a stain
/// goes to no other namespace with the number (`Tracker+Stains`).
extension NamespaceState {
  /// Stains the namespaces of a set with this label, whose tasks are counted already.
  mutating func stain(_ slots: SetTable.Slots, _ label: ContainerTable.Label) {
    guard keepsStains, containers.origin(of: label) == .registered else { return }
    let list = containers[label]
    for index in Self.distinct(slots).sorted() where canBeStained(index) {
      for element in list.elements {
        stains.add(element.id, to: namespaces[index].id, at: index)
      }
    }
  }

  /// Notes that the tasks of a set with this label, which are not counted any more, have left.
  mutating func noteDeparture(from slots: SetTable.Slots, _ list: ContainerList) {
    if stains.isEmpty { return }
    for index in Self.distinct(slots).sorted() where canBeStained(index) {
      for element in list.elements where !usage.isUsed(index, by: element.id) {
        stains.depart(element.id, from: namespaces[index].id)
      }
    }
  }

  /// The number of a freed namespace finds another one, which has not been used by its users.
  private func canBeStained(_ index: NamespaceTable.Index) -> Bool {
    !isHosts(index) && !namespaces[index].isFreed
  }

  /// Whether a namespace is stained with the ID of a container, which then stays in its list.
  func isStained(_ index: NamespaceTable.Index, with container: ContainerID) -> Bool {
    !stains.isEmpty && !namespaces[index].isFreed
      && stains.isStained(namespaces[index].id, with: container)
  }

  /// The first `limit` stains of a namespace whose containers do not use it any more.
  func remains(of index: NamespaceTable.Index, limit: Int) -> [ContainerID] {
    guard !stains.isEmpty, !namespaces[index].isFreed else { return [] }
    return stains.left(on: namespaces[index].id, limit: limit)
  }

  /// Whether a task uses a stained namespace.
  func usesStained(_ tid: UInt32) -> Bool {
    guard !stains.isEmpty, let index = tasks.find(tid), tasks[index].set != .unknown else {
      return false
    }
    let slots = sets[tasks[index].set]
    return SlotSet.all.contains { slot in
      let namespace = slots[slot.rawValue]
      return !namespaces[namespace].isFreed && stains.isStained(namespaces[namespace].id)
    }
  }

  /// Marks a namespace as freed. What has its number from now on is not stained.
  mutating func free(_ index: NamespaceTable.Index) {
    if !namespaces[index].isFreed { stains.remove(namespaces[index].id) }
    namespaces.free(index)
  }

  /// Takes the kernel's word that the namespace with that inode number is gone.
  mutating func freeStains(inum: UInt32) {
    for id in stains.numbered(inum) {
      if !isUsed(id) { stains.remove(id) } else if id.nsid != 0 { stains.free(id) }
    }
  }

  /// Takes an answer about a namespace without tasks.
  mutating func answerStain(_ id: NamespaceID, isPinned: Bool) {
    if isPinned { stains.pin(id) } else if !isUsed(id) { stains.remove(id) }
  }

  /// - Returns: how many stained namespaces were forgotten because there are too many.
  mutating func forgetStains() -> Int {
    guard stains.isFull else { return 0 }
    // Taken out, because the closure reads the state.
    var kept = stains
    stains = StainTable()
    let count = kept.forget { isUsed($0) }
    stains = kept
    return count
  }

  /// Takes a stain from before the stream began.
  mutating func keepStain(_ stain: NamespaceStain) {
    guard keepsStains, !hosts.contains(stain.namespace), !isUsed(stain.namespace) else { return }
    stains.keep(stain)
  }

  private func isUsed(_ id: NamespaceID) -> Bool {
    namespaces.find(id).map { namespaces.isUsed($0) } ?? false
  }

  /// The stained namespaces without tasks. The kernel can be asked whether they exist.
  package var stainedUnused: [WaitingNamespace] {
    stains.sorted.filter { !isUsed($0) }.map { WaitingNamespace(id: $0, sinceNs: 0) }
  }
}
