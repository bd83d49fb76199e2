// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

// MARK: - The policy `write-once`

extension NaiveTracker {
  /// T2: which containers have ever used each namespace that may still live.
  struct Dye: Equatable {
    var stains: [NamespaceID: Set<ContainerID>] = [:]
    /// Those that do not use it any more, in the order in which they left.
    var left: [NamespaceID: [ContainerID]] = [:]
    /// The stains that no record has said yet.
    var fresh: [NamespaceID: Set<ContainerID>] = [:]
    /// Namespaces that are freed, and whose last user has not reported that it left.
    var gone: Set<NamespaceID> = []
    /// Those that were stained before the stream began.
    var earlier: Set<NamespaceID> = []
    /// Whether the stream has FREED records.
    var tellsFreed = false

    /// The namespace is gone, or its number is another one's.
    mutating func wash(_ id: NamespaceID) {
      (stains[id], left[id], fresh[id]) = (nil, nil, nil)
      gone.remove(id)
      earlier.remove(id)
    }
  }

  func isStained(_ namespace: NamespaceID, _ id: ContainerID) -> Bool {
    dye?.stains[namespace]?.contains(id) ?? false
  }

  func isStain(_ id: ContainerID) -> Bool {
    dye?.stains.values.contains { $0.contains(id) } ?? false
  }

  /// A stain from before the stream began.
  mutating func stain(_ event: nst_stain) {
    let kind = NamespaceKind.allCases.first { $0.cloneFlag == UInt64(event.type) }
    let container = ContainerID(high: event.contid_high, low: event.contid_low)
    guard let kind, dye != nil, snapshots == 0, !isFollowing, !container.isUnset else { return }
    let id = NamespaceID(kind: kind, inum: event.inum, nsid: event.id)
    guard !initial.contains(id), users[id] == nil else { return }
    if dye?.stains[id] == nil { dye?.earlier.insert(id) }
    if dye?.stains[id, default: []].insert(container).inserted == true {
      dye?.left[id, default: []].append(container)
    }
  }

  /// A container has come to use a namespace.
  mutating func stain(_ namespace: NamespaceID, _ id: ContainerID) {
    guard dye != nil, !initial.contains(namespace), !freed.contains(namespace) else { return }
    dye?.left[namespace]?.removeAll { $0 == id }
    if dye?.stains[namespace, default: []].insert(id).inserted == true {
      dye?.fresh[namespace, default: []].insert(id)
    }
  }

  /// A container does not use a namespace any more.
  mutating func fade(_ namespace: NamespaceID, _ id: ContainerID) {
    if isStained(namespace, id) { dye?.left[namespace, default: []].append(id) }
  }

  /// Only setns enters a namespace that no task used. A call has made another one with the number. What
  /// else a task is found in is another one, too, if the stream says neither ns_id nor what is freed.
  mutating func washRenewed(
    _ place: NamespacePlace, _ changes: Changes, op: (NamespaceSlot) -> NSTrace.Operation
  ) {
    guard let dye else { return }
    for slot in changes.slots where users[place[slot]] == nil {
      let isFollowed = dye.tellsFreed && !dye.earlier.contains(place[slot])
      let isIdentified = place[slot].nsid != 0 || isFollowed || op(slot) == .setns
      if changes.made.contains(slot) || !isIdentified { self.dye?.wash(place[slot]) }
    }
  }

  /// The number of an ended namespace is another one's, in which some tasks are already.
  mutating func washEnded(_ namespace: NamespaceID) {
    dye?.wash(namespace)
    for use in lists[namespace] ?? [] { stain(namespace, use.id) }
  }

  mutating func freeStains(_ inum: UInt32) {
    for id in (dye?.stains ?? [:]).keys where id.inum == inum {
      if users[id] == nil || freed.contains(id) {
        dye?.wash(id)
      } else if id.nsid != 0 {
        dye?.gone.insert(id)
      }
    }
  }

  mutating func pinned(_ event: nst_pinned) {
    let kind = NamespaceKind.allCases.first { $0.cloneFlag == UInt64(event.type) }
    guard let kind, event.answer == NST_ANSWER_NO.rawValue else { return }
    let id = NamespaceID(kind: kind, inum: event.inum, nsid: event.id)
    if users[id] == nil { dye?.wash(id) }
  }

  /// Whether a task without an ID that would get one uses a stained namespace.
  func reachesStained(_ event: nst_register, _ family: [nst_member]) -> Bool {
    family.contains { member in
      let isReached =
        member.flags & UInt32(NST_MEMBER_TARGET) != 0
        || Int32(event.flags) & NST_REGISTER_DESCENDANTS != 0
      guard isReached, isKnown(member.task), contid(of: member.task.tid) == nil else {
        return false
      }
      return tasks[member.task.tid]?.held.contains {
        !freed.contains($0) && dye?.stains[$0] != nil
      } ?? false
    }
  }
}
