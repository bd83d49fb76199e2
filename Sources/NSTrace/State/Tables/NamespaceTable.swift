// SPDX-License-Identifier: Apache-2.0

/// The namespaces in use, and the last ones that were.
struct NamespaceTable: ~Copyable {
  typealias Index = UInt32

  struct Entry: BitwiseCopyable {
    var id: NamespaceID
    /// Tells apart namespaces that have one identity in turn: without ns_id, an inode number that
    /// was freed is given to a new namespace.
    var generation: UInt32
    /// The number of sets with tasks that hold it; 0: it is not in use.
    var users: UInt32
    /// Its neighbours in the list of unused ones, which is in the order of their ends.
    fileprivate var older: Index?
    fileprivate var newer: Index?
    fileprivate var isBuried = false
    /// Whether the kernel has freed it while the state counts users. Those have left, and have yet
    /// to report. Its number finds another namespace.
    fileprivate(set) var isFreed = false
    /// Whether its end has been recorded.
    fileprivate(set) var hasEnded = false
    /// The tid of the task that was reported first in it.
    fileprivate(set) var first: UInt32 = 0
    /// Whether that task made it; otherwise the task was found there, or came by setns.
    fileprivate(set) var wasMade = false
    /// Whether a task came into it by setns.
    fileprivate(set) var wasEntered = false

    fileprivate init(_ id: NamespaceID) {
      self.id = id
      generation = 0
      users = 0
    }
  }

  /// The number of unused namespaces that are remembered, so that entering one again is recognised.
  /// The one unused for longest is forgotten first. Entering it then counts as new, which changes
  /// its generation and nothing that is printed.
  static let tombstoneLimit = 16_384

  private var entries = Slab<Entry>()
  private var byID = PlaceTable()
  /// The ends of the list of unused ones.
  private var oldest: Index?
  private var newest: Index?
  /// The number of unused ones.
  private(set) var buried = 0
  /// The number in use.
  private(set) var used = 0
  /// The freed ones whose end has not been recorded, by inode number.
  private var freedUntold: [UInt32: [Index]] = [:]
  /// The number of freed ones that have users.
  private(set) var freedCount = 0

  subscript(index: Index) -> Entry { entries[Int(index)] }

  func isUsed(_ index: Index) -> Bool {
    entries[Int(index)].users > 0 && !entries[Int(index)].hasEnded
  }

  /// The index of a namespace; nil: not known, or forgotten.
  func find(_ id: NamespaceID) -> Index? { find(id, hash(id)) }

  private func find(_ id: NamespaceID, _ hash: UInt32) -> Index? {
    byID.find(hash) { entries[Int($0)].id == id }
  }

  private func hash(_ id: NamespaceID) -> UInt32 {
    byID.hash(
      [id.nsid, UInt64(id.inum) << 8 | UInt64(id.kind.rawValue), 0, 0, 0, 0, 0, 0], count: 2)
  }

  /// The index of a namespace. A new one gets an index and no users.
  mutating func intern(_ id: NamespaceID) -> Index {
    let hash = hash(id)
    if let index = find(id, hash) { return index }
    let index = Index(entries.insert(Entry(id)))
    byID.insert(hash, index)
    return index
  }

  /// Gives the inode number to another namespace. Does nothing for a namespace with an ns_id, whose
  /// identity is itself new.
  mutating func beginGeneration(of index: Index) {
    if entries[Int(index)].id.nsid == 0 { entries[Int(index)].generation &+= 1 }
  }

  /// Notes the task that was reported first in it.
  mutating func noteFirst(_ tid: UInt32, in index: Index, isMaker: Bool) {
    entries[Int(index)].first = tid
    entries[Int(index)].wasMade = isMaker
    if entries[Int(index)].users == 0 { entries[Int(index)].wasEntered = false }
  }

  /// Notes that a task came into it by setns.
  mutating func noteEntry(into index: Index) { entries[Int(index)].wasEntered = true }

  mutating func addUser(_ index: Index) {
    if entries[Int(index)].users == 0 {
      used += 1
      if entries[Int(index)].isBuried { exhume(index) }
    }
    entries[Int(index)].users += 1
  }

  /// Counts one user fewer.
  /// - Returns: whether it was the last.
  mutating func removeUser(_ index: Index) -> Bool {
    entries[Int(index)].users -= 1
    if entries[Int(index)].users > 0 { return false }
    if entries[Int(index)].isFreed { return discard(index) }
    used -= 1
    bury(index)
    return true
  }

  private mutating func bury(_ index: Index) {
    entries[Int(index)].isBuried = true
    entries[Int(index)].older = newest
    entries[Int(index)].newer = nil
    if let newest { entries[Int(newest)].newer = index } else { oldest = index }
    newest = index
    buried += 1
    if buried > Self.tombstoneLimit, let oldest { forget(oldest) }
  }

  private mutating func exhume(_ index: Index) {
    let (older, newer) = (entries[Int(index)].older, entries[Int(index)].newer)
    if let older { entries[Int(older)].newer = newer } else { oldest = newer }
    if let newer { entries[Int(newer)].older = older } else { newest = older }
    entries[Int(index)].isBuried = false
    buried -= 1
  }

  private mutating func forget(_ index: Index) {
    exhume(index)
    byID.remove(hash(entries[Int(index)].id), index)
    entries.remove(at: Int(index))
  }

  /// The namespaces in use, by kind and inode number.
  var sorted: [Entry] {
    entries.rows.filter { isUsed(Index($0)) }.map { entries[$0] }.sorted {
      ($0.id.kind, $0.id.inum, $0.id.nsid) < ($1.id.kind, $1.id.inum, $1.id.nsid)
    }
  }

  /// The number that are known, in use or not.
  var count: Int { byID.count }

  /// The number of rows: as many as were known at once.
  var places: Int { entries.rows.count }

  /// The unused ones, the one unused for longest first.
  var unused: [NamespaceID] {
    var ids: [NamespaceID] = []
    var next = oldest
    while let index = next, ids.count <= buried {
      ids.append(entries[Int(index)].id)
      next = entries[Int(index)].newer
    }
    return ids
  }
}

// MARK: - Namespaces freed while in use

extension NamespaceTable {
  /// Marks it as freed: its number belongs to another one from now on. An unused one is forgotten.
  mutating func free(_ index: Index) {
    guard entries[Int(index)].users > 0 else { return forget(index) }
    guard !entries[Int(index)].isFreed else { return }
    let id = entries[Int(index)].id
    byID.remove(hash(id), index)
    entries[Int(index)].isFreed = true
    freedUntold[id.inum, default: []].append(index)
    freedCount += 1
  }

  /// The freed ones of this identity whose end has not been recorded.
  func freedUntold(_ id: NamespaceID) -> [Index] {
    guard freedCount > 0 else { return [] }
    return (freedUntold[id.inum] ?? []).filter { entries[Int($0)].id == id }
  }

  var freedUntoldCount: Int { freedUntold.values.reduce(0) { $0 + $1.count } }

  /// Notes that the end of a freed one is recorded, though it has users.
  mutating func end(_ index: Index) {
    precondition(entries[Int(index)].isFreed && !entries[Int(index)].hasEnded)
    entries[Int(index)].hasEnded = true
    used -= 1
    removeUntold(index)
  }

  private mutating func removeUntold(_ index: Index) {
    let inum = entries[Int(index)].id.inum
    freedUntold[inum]?.removeAll { $0 == index }
    if freedUntold[inum]?.isEmpty == true { freedUntold[inum] = nil }
  }

  /// Forgets a freed one that has no users any more.
  /// - Returns: whether its end has yet to be recorded.
  private mutating func discard(_ index: Index) -> Bool {
    let isUntold = !entries[Int(index)].hasEnded
    if isUntold {
      used -= 1
      removeUntold(index)
    }
    freedCount -= 1
    entries.remove(at: Int(index))
    return isUntold
  }
}
