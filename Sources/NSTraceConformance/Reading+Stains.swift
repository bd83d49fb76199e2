// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

// MARK: - T2: stained namespaces

/// Under `write-once` a namespace is stained with the IDs of all tasks that have ever used it, except
/// the host's own. It keeps the stain while it lives.
extension Reading {
  struct Stain {
    var ids: Set<ContainerID> = []
    /// Those that no task in the namespace has any more, in the order in which they left.
    var left = Arrivals<ContainerID>()
    /// It is from before the stream began.
    var isEarlier = false
  }

  /// Whether the namespace keeps stains: no number that another namespace has now.
  func isStainable(_ namespace: Instance) -> Bool {
    position == .writeOnce && !initial.contains(namespace.id)
      && namespace.generation == generations[namespace.id] ?? 0
  }

  /// - Returns: whether the namespace has got the stain with that.
  mutating func stain(_ namespace: Instance, _ id: ContainerID) -> Bool {
    let key = namespace.id
    if stains[key] == nil { stainedNumbers[key.inum, default: []].insert(key) }
    _ = stains[key]?.left.remove(id)
    guard stains[key, default: Stain()].ids.insert(id).inserted else { return false }
    stainCounts[id, default: 0] += 1
    return true
  }

  /// A stain from before the stream began.
  mutating func keep(_ event: nst_stain) {
    let id = NamespaceID(type: event.type, inum: event.inum, nsid: event.id)
    let container = ContainerID(high: event.contid_high, low: event.contid_low)
    guard let id, position == .writeOnce, snapshots == 0, !isFollowing, !container.isUnset,
      !initial.contains(id), !isInUse(id), stains[id]?.ids.contains(container) != true
    else { return }
    if stains[id] == nil {
      stainedNumbers[id.inum, default: []].insert(id)
      stains[id] = Stain(isEarlier: true)
    }
    stains[id]?.ids.insert(container)
    _ = stains[id]?.left.add(container)
    stainCounts[container, default: 0] += 1
  }

  /// Notes that no task with the ID uses the namespace any more.
  mutating func fade(_ namespace: Instance, _ id: ContainerID) {
    guard stains[namespace.id]?.ids.contains(id) == true else { return }
    _ = stains[namespace.id]?.left.add(id)
  }

  mutating func wash(_ id: NamespaceID) {
    for container in stains.removeValue(forKey: id)?.ids ?? [] {
      let rest = (stainCounts[container] ?? 0) - 1
      stainCounts[container] = rest > 0 ? rest : nil
    }
    stainedNumbers[id.inum]?.remove(id)
    freedStains.remove(id)
  }

  /// The IDs that stain a namespace and that no task in it has any more: so many as are printed.
  func remains(of namespace: Instance) -> [ContainerID] {
    isStainable(namespace) ? stains[namespace.id]?.left.first(Self.listLimit + 1) ?? [] : []
  }

  /// Takes the stain from a namespace that no task used, and that only has the number of the stained
  /// one.
  mutating func washIfRenewed(_ namespace: Instance, isMade: Bool, isEntered: Bool) {
    guard holders[namespace] == nil else { return }
    let isEarlier = stains[namespace.id]?.isEarlier == true
    let isIdentified = namespace.id.nsid != 0 || isEntered || tellsFreed && !isEarlier
    if isMade || !isIdentified { wash(namespace.id) }
  }

  /// FREED: no namespace with the number lives any more. A task that is known there has yet to report
  /// that it left.
  mutating func freeStains(_ inum: UInt32) {
    for id in stainedNumbers[inum] ?? [] {
      if !isInUse(id) {
        wash(id)
      } else if id.nsid != 0 {
        stainedNumbers[inum]?.remove(id)
        freedStains.insert(id)
      }
    }
  }

  /// PINNED: the kernel was asked about a namespace without tasks.
  mutating func answer(_ event: nst_pinned) {
    let id = NamespaceID(type: event.type, inum: event.inum, nsid: event.id)
    guard let id, event.answer == NST_ANSWER_NO.rawValue else { return }
    if !isInUse(id) { wash(id) }
  }

  private func isInUse(_ id: NamespaceID) -> Bool {
    holders[Instance(id: id, generation: generations[id] ?? 0)] != nil
  }

  /// Whether the request would give the ID to a task without one in a stained namespace.
  func reachesStained(_ request: nst_register, _ members: [nst_member]) -> Bool {
    members.contains { member in
      guard member.isTarget || request.has(NST_REGISTER_DESCENDANTS), isKnown(member.task),
        let task = tasks[member.task.tid], task.list.isUnset
      else { return false }
      return task.place?.contains { isStainable($0) && stains[$0.id] != nil } ?? false
    }
  }
}
