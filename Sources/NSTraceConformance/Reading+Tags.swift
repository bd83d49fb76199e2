// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

// MARK: - T10: tags that are taken on entry

extension Reading {
  /// Whether a task's way into a namespace counts as entering: the time of what is found before the
  /// first snapshot is complete is not known.
  private var takesTags: Bool { position == .tags && (snapshots == 0 || isFollowing) }

  /// Gives a task the tags of the namespaces that it has come into and that are taken on entry.
  mutating func takeTags(
    _ tid: UInt32, from origin: [Instance]?, made: Set<NamespaceSlot>
  ) {
    guard takesTags, !entryTags.isEmpty, let task = tasks[tid], let place = task.place else {
      return
    }
    var list = task.list
    for id in tags(at: place, from: origin, made) where !list.contains(id) {
      var record = ContainerRecord(
        verb: .set, opid: tid, id: id, old: list, name: names[id] ?? [], source: .entry)
      let fits = list.elements.count < ContainerList.limit
      if fits { list = position.list(list, with: id) } else { record.refusal = .exists }
      account.taken.append(record)
    }
    if list == task.list { return }
    relabel(tid, list)
    note(tid)
    account.takers[tid] = list
  }

  private func tags(
    at place: [Instance], from origin: [Instance]?, _ made: Set<NamespaceSlot>
  ) -> [ContainerID] {
    var tags: [ContainerID] = []
    for slot in NamespaceSlot.allCases
    where place[slot.rawValue] != origin?[slot.rawValue] && !made.contains(slot) {
      for element in containers(using: place[slot.rawValue]).elements
      where entryTags.contains(element.id) && !tags.contains(element.id) {
        tags.append(element.id)
      }
    }
    return tags
  }

  /// Notes that an ID is to be taken on entry, if its registration says so.
  mutating func noteEntryTag(_ id: ContainerID, flags: UInt16, number: UInt32) {
    let isTaken = Int32(flags) & NST_REGISTER_ON_ENTRY != 0
    if number != 0 { entryNumbers[number] = isTaken ? id : nil }
    if isTaken { entryTags.insert(id) }
  }
}
