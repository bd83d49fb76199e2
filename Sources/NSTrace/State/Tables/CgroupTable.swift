// SPDX-License-Identifier: Apache-2.0

/// The cgroups that the stream has reported: their paths, and the containers that these name.
///
/// One that tasks are in, or that lies above one, is never forgotten (`forget`).
struct CgroupTable: ~Copyable {
  /// The number of cgroups without tasks that are remembered.
  static let limit = 65_536

  private var tree = CgroupTree()
  private let limit: Int
  /// The number of nodes from which on some are forgotten.
  private var threshold: Int
  private let spellings: [CgroupSpelling]

  /// - Parameter spellings: of containers' cgroups; none: `containers` is not used.
  init(limit: Int = CgroupTable.limit, spellings: [CgroupSpelling] = CgroupSpelling.known) {
    self.limit = limit
    threshold = limit
    self.spellings = spellings
  }

  /// The bytes of a path that are kept, from its end: as many as the kernel takes at once
  /// (PATH_MAX).
  static let pathLimit = 4096

  var count: Int { tree.count }

  /// The number of rows: as many as there were cgroups and directories at once.
  var places: Int { tree.nodes.rows.count }

  /// The number of directories that were touched. For tests.
  var work: Int { tree.work }

  func isKnown(_ key: CgroupID) -> Bool { tree.row(of: key) != nil || key.id == CgroupID.root }

  /// The path from the root of its hierarchy; nil: not known.
  func path(of key: CgroupID) -> BoundedText? {
    guard let row = tree.row(of: key) else {
      return key.id == CgroupID.root ? BoundedText([CgroupTree.slash]) : nil
    }
    return tree.path(of: row, limit: Self.pathLimit)
  }

  /// The containers that the cgroup's path names; nil: its path is not known.
  func containers(of key: CgroupID) -> CgroupContainers? {
    guard let row = tree.row(of: key) else {
      return key.id == CgroupID.root ? CgroupContainers() : nil
    }
    return tree.containers(of: row, spellings)
  }

  /// Computes the containers of a task's cgroups once, so that they are only looked up until a
  /// cgroup is renamed.
  mutating func findContainers(of place: CgroupPlace) {
    if let row = tree.row(of: CgroupID(hierarchy: 0, id: place.v2)) {
      tree.findContainers(of: row, spellings)
    }
    guard place.hierarchy != 0 else { return }
    if let row = tree.row(of: CgroupID(hierarchy: place.hierarchy, id: place.v1)) {
      tree.findContainers(of: row, spellings)
    }
  }

  /// Stores the path of a cgroup that was made, found, or renamed.
  /// - Parameter believed: the number of the path's components that root has named.
  mutating func insert(_ key: CgroupID, path: BoundedText, believed: UInt16 = .max) {
    let names = path.bytes.split(separator: CgroupTree.slash).map { Array($0) }
    tree.place(key, path.isCut ? .loose(path.bytes, .end) : .path(names), believed: believed)
  }

  /// Stores the path of a cgroup by its name and its parent's path.
  mutating func insert(
    _ key: CgroupID, name: [UInt8], in parent: CgroupID, believed: UInt16 = .max
  ) {
    tree.place(key, .inside(parent, name), believed: believed)
  }

  mutating func remove(_ key: CgroupID) { tree.remove(key) }

  /// Whether there are so many that `forget` has something to do.
  var isFull: Bool { tree.nodes.count > threshold }

  /// Forgets cgroups without tasks, so that a quarter of the limit has room.
  /// - Parameter used: the cgroups that tasks are in.
  /// - Returns: how many were forgotten.
  mutating func forget(using used: Set<CgroupID>) -> Int {
    let forgotten = tree.forget(to: limit - limit / 4, using: used) + tree.takeUnplaced()
    threshold = max(limit, tree.nodes.count + limit / 4)
    return forgotten
  }

  /// The broken invariants, a sentence each. For tests.
  func checkRows() -> [String] { tree.check() }
}

// MARK: - Queries by a task's cgroups

extension CgroupTable {
  /// The path in v2, or in v1 if v2's is the root or not known; empty: neither is known.
  func path(of place: CgroupPlace) -> BoundedText {
    guard let key = key(of: place) else { return BoundedText() }
    return path(of: key) ?? BoundedText()
  }

  /// The cgroup whose path `path(of:)` gives; nil: no path is known.
  func key(of place: CgroupPlace) -> CgroupID? {
    let v2 = CgroupID(hierarchy: 0, id: place.v2)
    let isKnown = isKnown(v2)
    if (isKnown && v2.id != CgroupID.root) || place.hierarchy == 0 { return isKnown ? v2 : nil }
    let v1 = CgroupID(hierarchy: place.hierarchy, id: place.v1)
    return self.isKnown(v1) ? v1 : isKnown ? v2 : nil
  }

  /// The containers by the task's path in v2, then in v1: where v1 is in use, v2 may name none.
  /// Nil: too little is known.
  func containers(of place: CgroupPlace) -> CgroupContainers? {
    let v2 = containers(of: CgroupID(hierarchy: 0, id: place.v2))
    if let v2, !v2.list.isUnset || place.hierarchy == 0 { return v2 }
    guard place.hierarchy != 0 else { return nil }
    let v1 = containers(of: CgroupID(hierarchy: place.hierarchy, id: place.v1))
    if let v1, !v1.list.isUnset { return v1 }
    return v2 == nil ? nil : v1
  }
}
