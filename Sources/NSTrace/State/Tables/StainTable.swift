// SPDX-License-Identifier: Apache-2.0

/// T2: the container IDs that namespaces are stained with. A namespace keeps them while it lives, also
/// when no task uses it.
///
/// The key is the namespace's identity, and not its index in `NamespaceTable`, which forgets unused
/// namespaces.
struct StainTable {
  private struct Entry {
    var ids: Set<ContainerID> = []
    /// Those whose containers do not use the namespace any more, in the order in which they left.
    var left = Arrivals<ContainerID>()
    /// The kernel has freed the namespace, and its last user has yet to report.
    var isFreed = false
    /// The kernel's object was found to exist without a task.
    var isPinned = false
    /// It was stained before the stream began: its number may have been given to another one since.
    var isEarlier = false
    /// Whose stain is older.
    var order: UInt64
  }

  /// The number of stained namespaces from which on those are forgotten that no task uses and of
  /// which the stream does not say that they exist.
  static let limit = 65_536

  private var stains: [NamespaceID: Entry] = [:]
  /// The number of namespaces that each ID stains.
  private var counts: [ContainerID: Int] = [:]
  private var byNumber: [UInt32: [NamespaceID]] = [:]
  /// The stains since they were last taken.
  private var fresh: [(id: NamespaceID, change: NamespaceContainers.Change)] = []
  /// Whether changes are noted, for `takeChanges`.
  var notesChanges = false
  private var changes: [NamespaceStain.Change] = []
  /// How many stains are from before the stream began, those that went among them.
  private var earlierCount = 0
  private var lastOrder: UInt64 = 0
  /// The number of stains at which the next are forgotten.
  private var forgetsAt = StainTable.limit

  var isEmpty: Bool { stains.isEmpty }

  var count: Int { stains.count }

  /// Whether there are more than are to be remembered.
  var isFull: Bool { stains.count > forgetsAt }

  /// The first `limit` of the IDs that a namespace is stained with and whose containers do not use it
  /// any more, in the order in which they left.
  func left(on id: NamespaceID, limit: Int) -> [ContainerID] { stains[id]?.left.first(limit) ?? [] }

  func isStained(_ id: NamespaceID) -> Bool { stains[id] != nil }

  func isStained(_ id: NamespaceID, with container: ContainerID) -> Bool {
    stains[id]?.ids.contains(container) ?? false
  }

  /// Whether any namespace is stained with the ID.
  func isStain(_ container: ContainerID) -> Bool { counts[container] != nil }

  /// The stained namespaces with an inode number, without those that are known to be freed.
  func numbered(_ inum: UInt32) -> [NamespaceID] { byNumber[inum] ?? [] }

  /// Stains a namespace that the container uses.
  mutating func add(
    _ container: ContainerID, to id: NamespaceID, at index: NamespaceTable.Index
  ) {
    if stains[id] == nil { begin(id) }
    guard stains[id]?.ids.insert(container).inserted == true else {
      _ = stains[id]?.left.remove(container)
      return
    }
    counts[container, default: 0] += 1
    if notesChanges { changes.append(.came(NamespaceStain(container, on: id))) }
    let change = NamespaceContainers.Change(namespace: index, container: container, joined: true)
    fresh.append((id, change))
  }

  /// Takes a stain from before the stream began, of a namespace that no task is known to use. There are
  /// `limit` at most.
  mutating func keep(_ stain: NamespaceStain) {
    guard earlierCount < Self.limit else { return }
    let id = stain.namespace
    if stains[id] == nil { begin(id, isEarlier: true) }
    guard stains[id]?.ids.insert(stain.container).inserted == true else { return }
    earlierCount += 1
    counts[stain.container, default: 0] += 1
    _ = stains[id]?.left.add(stain.container)
  }

  /// Whether a namespace was stained before the stream began.
  func isEarlier(_ id: NamespaceID) -> Bool { stains[id]?.isEarlier ?? false }

  private mutating func begin(_ id: NamespaceID, isEarlier: Bool = false) {
    lastOrder += 1
    stains[id] = Entry(isEarlier: isEarlier, order: lastOrder)
    byNumber[id.inum, default: []].append(id)
  }

  /// Notes that a container does not use a namespace any more.
  mutating func depart(_ container: ContainerID, from id: NamespaceID) {
    guard isStained(id, with: container) else { return }
    _ = stains[id]?.left.add(container)
  }

  /// Forgets a namespace, which is gone.
  mutating func remove(_ id: NamespaceID) {
    guard let stain = stains.removeValue(forKey: id) else { return }
    for container in stain.ids {
      discount(container)
      if notesChanges { changes.append(.went(NamespaceStain(container, on: id))) }
    }
    forgetNumber(of: id)
    fresh.removeAll { $0.id == id }
  }

  private mutating func forgetNumber(of id: NamespaceID) {
    byNumber[id.inum]?.removeAll { $0 == id }
    if byNumber[id.inum]?.isEmpty == true { byNumber[id.inum] = nil }
  }

  private mutating func discount(_ container: ContainerID) {
    guard let count = counts[container] else { return }
    counts[container] = count > 1 ? count - 1 : nil
  }

  /// Notes that the kernel has freed a namespace of which users have yet to report that they left.
  mutating func free(_ id: NamespaceID) {
    stains[id]?.isFreed = true
    forgetNumber(of: id)
  }

  /// Notes that a namespace exists without a task.
  mutating func pin(_ id: NamespaceID) { stains[id]?.isPinned = true }

  /// Notes that the last task has left a namespace.
  mutating func leave(_ id: NamespaceID) {
    if stains[id]?.isFreed == true { remove(id) }
  }

  var hasFresh: Bool { !fresh.isEmpty }

  /// The stains since the last call.
  mutating func takeFresh() -> [NamespaceContainers.Change] {
    defer { fresh.removeAll() }
    return fresh.map(\.change)
  }

  /// What came and went since the last call, in its order.
  mutating func takeChanges() -> [NamespaceStain.Change] {
    if changes.isEmpty { return [] }
    defer { changes.removeAll() }
    return changes
  }

  /// Forgets the oldest of the namespaces that no task uses and of which nothing says that they exist:
  /// so many that a quarter of the limit is free, or all.
  /// - Returns: how many were forgotten.
  mutating func forget(isUsed: (NamespaceID) -> Bool) -> Int {
    let spare = stains.filter { !$0.value.isPinned && !isUsed($0.key) }
      .sorted { $0.value.order < $1.value.order }
    let surplus = stains.count - (Self.limit - Self.limit / 4)
    let forgotten = spare.prefix(max(surplus, 0)).map { $0.key }
    for id in forgotten { remove(id) }
    // To look at all of them costs as much as there are.
    forgetsAt = max(Self.limit, stains.count + stains.count / 4)
    return forgotten.count
  }

  /// The stained namespaces, the oldest stain first.
  var sorted: [NamespaceID] { stains.sorted { $0.value.order < $1.value.order }.map { $0.key } }
}
