// SPDX-License-Identifier: Apache-2.0

/// The cgroups that the stream has told of: their paths, and the containers that these name.
struct CgroupTable: ~Copyable {
  private struct Entry {
    /// From the root of its hierarchy.
    var path: BoundedText
    /// Nil: the path does not say.
    var containers: CgroupContainers?
    /// Its row among the keys.
    var row: Int
  }

  /// How many are remembered; beyond, one of the oldest goes for each that comes. What tasks carry
  /// stands with the tasks: they lose nothing but `cgroup=` by it.
  static let limit = 65_536

  private var entries: [CgroupID: Entry] = [:]
  private var keys = Slab<CgroupID>()
  /// Of the key that goes next, once there are as many as the limit.
  private var oldest = 0
  private let limit: Int
  private let spellings: [CgroupSpelling]

  /// - Parameter spellings: how containers are spelt; none: nobody asks for them.
  init(limit: Int = CgroupTable.limit, spellings: [CgroupSpelling] = CgroupSpelling.known) {
    self.limit = limit
    self.spellings = spellings
  }

  /// Bytes of a path that are kept, as many as the kernel takes at once (PATH_MAX): those of the innermost
  /// cgroups.
  static let pathLimit = 4096

  var count: Int { entries.count }

  /// From the root of its hierarchy; nil: not known.
  func path(of key: CgroupID) -> BoundedText? {
    entries[key]?.path ?? (key.id == CgroupID.root ? BoundedText([UInt8(ascii: "/")]) : nil)
  }

  /// Nil: its path is not known.
  func containers(of key: CgroupID) -> CgroupContainers? {
    entries[key]?.containers ?? (key.id == CgroupID.root ? CgroupContainers() : nil)
  }

  /// A cgroup has this path: it is new, or has been found, or has been renamed.
  /// - Parameter above: what its parent is in, which counts where the path does not begin at the root.
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

  /// The same of one whose path is known by that of its parent.
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

  /// - Returns: the row of a key that was not there.
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

  /// What does not hold together, a sentence each. For tests.
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

// MARK: - Of a task

extension CgroupTable {
  /// The path in v2; in v1 where that is the root, or not known; empty: not known at all.
  func path(of place: CgroupPlace) -> BoundedText {
    guard let key = key(of: place) else { return BoundedText() }
    return path(of: key) ?? BoundedText()
  }

  /// Of the cgroup whose path that is; nil where none is known.
  func key(of place: CgroupPlace) -> CgroupID? {
    let v2 = CgroupID(hierarchy: 0, id: place.v2)
    let isKnown = path(of: v2) != nil
    if (isKnown && v2.id != CgroupID.root) || place.hierarchy == 0 { return isKnown ? v2 : nil }
    let v1 = CgroupID(hierarchy: place.hierarchy, id: place.v1)
    return path(of: v1) != nil ? v1 : isKnown ? v2 : nil
  }

  /// What the path of its cgroup says, in v2 first: where v1 is in use as well, v2 may be without
  /// containers. Nil: too little is known.
  func containers(of place: CgroupPlace) -> CgroupContainers? {
    let v2 = containers(of: CgroupID(hierarchy: 0, id: place.v2))
    if let v2, !v2.list.isUnset || place.hierarchy == 0 { return v2 }
    guard place.hierarchy != 0 else { return nil }
    let v1 = containers(of: CgroupID(hierarchy: place.hierarchy, id: place.v1))
    if let v1, !v1.list.isUnset { return v1 }
    return v2 == nil ? nil : v1
  }
}
