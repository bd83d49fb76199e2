// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

// MARK: - Registrations without a REGISTER

extension Reading {
  /// R5: a registration that was granted before the stream began, or by another tracer.
  mutating func keep(_ event: nst_kept, _ name: [UInt8]) {
    let members = self.members
    self.members = []
    let id = ContainerID(high: event.contid_high, low: event.contid_low)
    let before = lists[event.previous] ?? ContainerList()
    guard event.container != 0, !id.isUnset, position != .automatic,
      lists[event.container] == nil, before.elements.count < ContainerList.limit
    else { return }
    lists[event.container] = list(before, keeping: id)
    if names[id]?.isEmpty != false { names[id] = name }
    owners[id] = event.ownerIDs
    noteEntryTag(id, flags: event.flags, number: event.container)
    if isFollowing { join(event, members) } else { kept[id] = event.target_tid }
  }

  /// The IDs that the tasks had stay, also those that another position has given them.
  private func list(_ before: ContainerList, keeping id: ContainerID) -> ContainerList {
    let list = position.list(before, with: id)
    let lost = before.elements.contains { !list.contains($0.id) }
    return lost ? Position.nested.list(before, with: id) : list
  }

  /// The tasks that a walk found with the number, and those that were born with it.
  private mutating func join(_ event: nst_kept, _ members: [nst_member]) {
    let found = members.filter { $0.container == event.container && isKnown($0.task) }
    let born = (early[event.container] ?? []).filter { tasks[$0]?.number == event.container }
    early[event.container] = nil
    for tid in born.union(found.map(\.task.tid)).sorted() {
      let old = tasks[tid]?.list ?? ContainerList()
      tasks[tid]?.number = event.container
      guard let list = lists[event.container], list != old else { continue }
      note(tid)
      relabel(tid, list)
      endContainers(among: old, tid)
    }
    close(event.target_tid)
  }

  /// R11: the containers that ended while no tracer ran.
  mutating func endUnseenKept() {
    for (id, target) in kept.sorted(by: { $0.key < $1.key }) where population[id] == nil {
      var record = ContainerRecord(
        verb: .drop, opid: target, id: .unset, old: ContainerList([.init(id)]),
        name: names[id] ?? [])
      record.isLate = true
      account.ends.append(record)
      // The first snapshot's end is the first occasion to print.
      account.isFollowing = true
      owners[id] = nil
      entryTags.remove(id)
    }
    kept = [:]
  }
}

extension nst_kept {
  /// The owners: a C array imports as a tuple, which has no subscript.
  fileprivate var ownerIDs: [nst_task_id] {
    let owners = unsafe withUnsafeBytes(of: owners) { bytes in
      unsafe Array(bytes.bindMemory(to: nst_task_id.self))
    }
    return owners.filter { $0.tid != 0 }
  }
}
