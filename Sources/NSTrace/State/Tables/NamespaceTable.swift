// SPDX-License-Identifier: Apache-2.0

/// All namespaces in use, and the last ones that no longer are.
struct NamespaceTable: ~Copyable {
  typealias Index = UInt32

  struct Entry: BitwiseCopyable {
    var id: NamespaceID
    /// Of several with one identity, one after the other: where the kernel has no ns_id, an inode
    /// number that was freed and given to a new namespace.
    var generation: UInt32
    /// How many sets that have tasks hold it. It is in use while this is not 0.
    var users: UInt32
    /// Its neighbours among the unused ones, in the order in which they came to be unused.
    fileprivate var older: Index?
    fileprivate var newer: Index?
    fileprivate var isBuried = false
    /// The kernel has freed it, though tasks are thought to use it: they have left, and their reports
    /// are still to come. Its number is another namespace's, which is found in its place.
    fileprivate(set) var isFreed = false
    /// Its end has been told.
    fileprivate(set) var hasEnded = false
    /// Of the task that was told to be the first in it.
    fileprivate(set) var first: UInt32 = 0
    /// That task has made it; else it was found there, or came by setns.
    fileprivate(set) var wasMade = false
    /// A task came into it by setns.
    fileprivate(set) var wasEntered = false

    fileprivate init(_ id: NamespaceID) {
      self.id = id
      generation = 0
      users = 0
    }
  }

  /// How many unused namespaces are remembered, so that one that is entered again is recognised.
  /// The one unused for longest is forgotten first; entering it then looks like a new one, which
  /// changes its generation and nothing that is printed.
  static let tombstoneLimit = 16_384

  private var entries = Slab<Entry>()
  private var byID = PlaceTable()
  /// The ends of the list of unused ones.
  private var oldest: Index?
  private var newest: Index?
  /// How many are remembered though unused.
  private(set) var buried = 0
  /// How many are in use.
  private(set) var used = 0
  /// Those that are freed, and whose end has not been told, by inode number.
  private var freedUntold: [UInt32: [Index]] = [:]
  /// How many are freed, and still have users.
  private(set) var freedCount = 0

  subscript(index: Index) -> Entry { entries[Int(index)] }

  func isUsed(_ index: Index) -> Bool {
    entries[Int(index)].users > 0 && !entries[Int(index)].hasEnded
  }

  /// The place of a namespace that is in use, or was and has not been forgotten.
  func find(_ id: NamespaceID) -> Index? { find(id, hash(id)) }

  private func find(_ id: NamespaceID, _ hash: UInt32) -> Index? {
    byID.find(hash) { entries[Int($0)].id == id }
  }

  private func hash(_ id: NamespaceID) -> UInt32 {
    byID.hash(
      [id.nsid, UInt64(id.inum) << 8 | UInt64(id.kind.rawValue), 0, 0, 0, 0, 0, 0], count: 2)
  }

  /// The place of a namespace; it gets one, unused, when it has none.
  mutating func intern(_ id: NamespaceID) -> Index {
    let hash = hash(id)
    if let index = find(id, hash) { return index }
    let index = Index(entries.insert(Entry(id)))
    byID.insert(hash, index)
    return index
  }

  /// The inode number is another namespace's from now on. Where the kernel has an ns_id the
  /// identity itself is new, and this does nothing.
  mutating func beginGeneration(of index: Index) {
    if entries[Int(index)].id.nsid == 0 { entries[Int(index)].generation &+= 1 }
  }

  /// A task was told to be the first in it.
  mutating func noteFirst(_ tid: UInt32, in index: Index, isMaker: Bool) {
    entries[Int(index)].first = tid
    entries[Int(index)].wasMade = isMaker
    if entries[Int(index)].users == 0 { entries[Int(index)].wasEntered = false }
  }

  /// A task came into it by setns.
  mutating func noteEntry(into index: Index) { entries[Int(index)].wasEntered = true }

  mutating func addUser(_ index: Index) {
    if entries[Int(index)].users == 0 {
      used += 1
      if entries[Int(index)].isBuried { exhume(index) }
    }
    entries[Int(index)].users += 1
  }

  /// True when that was its last user.
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

  /// Those in use, by kind and inode number.
  var sorted: [Entry] {
    entries.rows.filter { isUsed(Index($0)) }.map { entries[$0] }.sorted {
      ($0.id.kind, $0.id.inum, $0.id.nsid) < ($1.id.kind, $1.id.inum, $1.id.nsid)
    }
  }

  /// How many are known, in use or not.
  var count: Int { byID.count }

  /// How many there is room for: as many as were ever known at once.
  var places: Int { entries.rows.count }

  /// Those remembered though unused, the one unused for longest first.
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

// MARK: - Freed before their users have reported that they left

extension NamespaceTable {
  /// The kernel has freed it: what has its number from now on is another one. An unused one is
  /// forgotten.
  mutating func free(_ index: Index) {
    guard entries[Int(index)].users > 0 else { return forget(index) }
    guard !entries[Int(index)].isFreed else { return }
    let id = entries[Int(index)].id
    byID.remove(hash(id), index)
    entries[Int(index)].isFreed = true
    freedUntold[id.inum, default: []].append(index)
    freedCount += 1
  }

  /// Those of this identity that are freed, and whose end has not been told.
  func freedUntold(_ id: NamespaceID) -> [Index] {
    guard freedCount > 0 else { return [] }
    return (freedUntold[id.inum] ?? []).filter { entries[Int($0)].id == id }
  }

  /// How many of those there are.
  var freedUntoldCount: Int { freedUntold.values.reduce(0) { $0 + $1.count } }

  /// The end of a freed one is told, though it has users.
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

  /// A freed one has no users any more.
  /// - Returns: whether its end is still to be told.
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
