// SPDX-License-Identifier: Apache-2.0

/// The cgroups that the stream has told of: their paths, and the containers that these name.
struct CgroupTable {
  /// The id of its kernfs node is a cgroup's own, in its hierarchy, and never given again.
  struct Key: Hashable {
    /// 0: v2.
    var hierarchy: UInt32
    var id: UInt64
  }

  private struct Entry {
    var path: [UInt8]
    var containers: CgroupContainers
    /// Among the places.
    var place: Int
  }

  /// How many are remembered; beyond, one of the oldest goes for each that comes. What tasks carry
  /// stands with the tasks: they lose nothing but `cgroup=` by it.
  static let limit = 65_536

  private var entries: [Key: Entry] = [:]
  private var places: [Key?] = []
  private var free: [Int] = []
  private var oldest = 0
  private let limit: Int
  private let spellings: [CgroupSpelling]

  /// - Parameter spellings: how containers are spelt; none: nobody asks for them.
  init(limit: Int = CgroupTable.limit, spellings: [CgroupSpelling] = CgroupSpelling.known) {
    self.limit = limit
    self.spellings = spellings
  }

  /// Of the root, whose path needs no telling: kernfs numbers from 1.
  static let rootID: UInt64 = 1

  var count: Int { entries.count }

  /// From the root of its hierarchy; nil: not known.
  func path(of key: Key) -> [UInt8]? {
    entries[key]?.path ?? (key.id == Self.rootID ? [UInt8(ascii: "/")] : nil)
  }

  /// Nil: its path is not known.
  func containers(of key: Key) -> CgroupContainers? {
    entries[key]?.containers ?? (key.id == Self.rootID ? CgroupContainers() : nil)
  }

  /// A cgroup has this path: it is new, or has been found, or has been renamed.
  mutating func insert(_ key: Key, path: [UInt8]) {
    let containers = CgroupContainers(path: path, spellings)
    guard let old = entries[key] else {
      entries[key] = Entry(path: path, containers: containers, place: takePlace(key))
      return
    }
    guard old.path != path else { return }
    entries[key] = Entry(path: path, containers: containers, place: old.place)
    renameChildren(of: old.path, to: path, in: key.hierarchy)
  }

  private mutating func renameChildren(
    of old: [UInt8], to new: [UInt8], in hierarchy: UInt32
  ) {
    let prefix = old + [UInt8(ascii: "/")]
    for (key, entry) in entries
    where key.hierarchy == hierarchy && entry.path.starts(with: prefix) {
      let path = new + entry.path.dropFirst(old.count)
      entries[key] = Entry(
        path: path, containers: CgroupContainers(path: path, spellings), place: entry.place)
    }
  }

  private mutating func takePlace(_ key: Key) -> Int {
    if let place = free.popLast() {
      places[place] = key
      return place
    }
    if places.count < limit {
      places.append(key)
      return places.count - 1
    }
    let place = oldest
    oldest = (oldest + 1) % limit
    if let old = places[place] { entries[old] = nil }
    places[place] = key
    return place
  }

  mutating func remove(_ key: Key) {
    guard let entry = entries.removeValue(forKey: key) else { return }
    places[entry.place] = nil
    free.append(entry.place)
  }

  /// What does not hold together, a sentence each. For tests.
  func checkPlaces() -> [String] {
    var broken: [String] = []
    if entries.count != places.count - free.count || places.count > limit {
      broken.append(
        "\(entries.count) cgroups have \(places.count) places, \(free.count) of them free")
    }
    for (key, entry) in entries where places[entry.place] != key {
      broken.append("cgroup \(key.id) is not in its place")
    }
    return broken
  }
}

// MARK: - Of a task

extension CgroupTable {
  /// The path in v2; in v1 where that is the root, or not known; empty: not known at all.
  func path(of place: CgroupPlace) -> [UInt8] { key(of: place).flatMap(path) ?? [] }

  /// Of the cgroup whose path that is; nil where none is known.
  func key(of place: CgroupPlace) -> Key? {
    let v2 = Key(hierarchy: 0, id: place.v2)
    let isKnown = path(of: v2) != nil
    if (isKnown && v2.id != Self.rootID) || place.hierarchy == 0 { return isKnown ? v2 : nil }
    let v1 = Key(hierarchy: place.hierarchy, id: place.v1)
    return path(of: v1) != nil ? v1 : isKnown ? v2 : nil
  }

  /// What the path of its cgroup says, in v2 first: where v1 is in use as well, v2 may be without
  /// containers. Nil: too little is known.
  func containers(of place: CgroupPlace) -> CgroupContainers? {
    let v2 = containers(of: Key(hierarchy: 0, id: place.v2))
    if let v2, !v2.list.isUnset || place.hierarchy == 0 { return v2 }
    guard place.hierarchy != 0 else { return nil }
    let v1 = containers(of: Key(hierarchy: place.hierarchy, id: place.v1))
    if let v1, !v1.list.isUnset { return v1 }
    return v2 == nil ? nil : v1
  }
}
