// SPDX-License-Identifier: Apache-2.0

/// The cgroups that the stream has reported: their paths, and the containers that these name.
struct CgroupTable: ~Copyable {
  private struct Entry {
    /// From the root of its hierarchy.
    var path: BoundedText
    /// Nil: the path is not enough to decide.
    var containers: CgroupContainers?
    /// The row of its key in `keys`.
    var row: Int
  }

  /// The number of cgroups that are remembered. From then on each new one replaces one of the
  /// oldest. Tasks keep their containers and lose only `cgroup=`.
  static let limit = 65_536

  private var entries: [CgroupID: Entry] = [:]
  private var keys = Slab<CgroupID>()
  /// The row of the key that is replaced next, once the limit is reached.
  private var oldest = 0
  private let limit: Int
  private let spellings: [CgroupSpelling]

  /// - Parameter spellings: of containers' cgroups; none: `containers` is not used.
  init(limit: Int = CgroupTable.limit, spellings: [CgroupSpelling] = CgroupSpelling.known) {
    self.limit = limit
    self.spellings = spellings
  }

  /// The bytes of a path that are kept, from its end: as many as the kernel takes at once
  /// (PATH_MAX).
  static let pathLimit = 4096

  var count: Int { entries.count }

  /// The path from the root of its hierarchy; nil: not known.
  func path(of key: CgroupID) -> BoundedText? {
    entries[key]?.path ?? (key.id == CgroupID.root ? BoundedText([UInt8(ascii: "/")]) : nil)
  }

  /// The containers that the cgroup's path names; nil: its path is not known.
  func containers(of key: CgroupID) -> CgroupContainers? {
    entries[key]?.containers ?? (key.id == CgroupID.root ? CgroupContainers() : nil)
  }

  /// Stores the path of a cgroup that was made, found, or renamed.
  /// - Parameter above: the parent's containers, used where the path does not begin at the root.
  mutating func insert(_ key: CgroupID, path: BoundedText, in above: CgroupContainers? = nil) {
    let path = path.keepingEnd(Self.pathLimit)
    let containers = path.isCut ? above : CgroupContainers(path: path.bytes, spellings)
    guard let old = entries[key] else {
      entries[key] = Entry(path: path, containers: containers, row: insert(key))
      return
    }
    guard old.path != path else { return }
    entries[key] = Entry(path: path, containers: containers, row: old.row)
    renameChildren(of: old.path.bytes, to: path.bytes, in: key.hierarchy)
  }

  /// Stores the path of a cgroup by its name and its parent's path.
  mutating func insert(_ key: CgroupID, name: [UInt8], in parent: CgroupID) {
    let step = [UInt8(ascii: "/")] + name
    guard let above = path(of: parent), above.cut != .end else {
      return insert(key, path: BoundedText(step, cut: .front))
    }
    let isRoot = above.bytes == [UInt8(ascii: "/")]
    insert(
      key, path: BoundedText(isRoot ? step : above.bytes + step, cut: above.cut),
      in: containers(of: parent))
  }

  private mutating func renameChildren(
    of old: [UInt8], to new: [UInt8], in hierarchy: UInt32
  ) {
    let prefix = old + [UInt8(ascii: "/")]
    for (key, entry) in entries
    where key.hierarchy == hierarchy && entry.path.bytes.starts(with: prefix) {
      let path = BoundedText(new + entry.path.bytes.dropFirst(old.count), cut: entry.path.cut)
        .keepingEnd(Self.pathLimit)
      let containers =
        path.isCut ? entry.containers : CgroupContainers(path: path.bytes, spellings)
      entries[key] = Entry(path: path, containers: containers, row: entry.row)
    }
  }

  /// Adds a key that is not in the table.
  /// - Returns: its row.
  private mutating func insert(_ key: CgroupID) -> Int {
    if keys.count < limit { return keys.insert(key) }
    let row = oldest
    oldest = (oldest + 1) % limit
    entries[keys[row]] = nil
    keys[row] = key
    return row
  }

  mutating func remove(_ key: CgroupID) {
    guard let entry = entries.removeValue(forKey: key) else { return }
    keys.remove(at: entry.row)
  }

  /// The broken invariants, a sentence each. For tests.
  func checkRows() -> [String] {
    var broken: [String] = []
    if entries.count != keys.count || keys.rows.count > limit {
      broken.append("\(entries.count) cgroups have \(keys.count) of \(keys.rows.count) rows")
    }
    for (key, entry) in entries where keys[entry.row] != key {
      broken.append("cgroup \(key.id) is not in its row")
    }
    return broken
  }
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
    let isKnown = path(of: v2) != nil
    if (isKnown && v2.id != CgroupID.root) || place.hierarchy == 0 { return isKnown ? v2 : nil }
    let v1 = CgroupID(hierarchy: place.hierarchy, id: place.v1)
    return path(of: v1) != nil ? v1 : isKnown ? v2 : nil
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
