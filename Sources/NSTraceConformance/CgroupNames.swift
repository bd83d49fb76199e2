// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// The paths of cgroups, kept as directories in directories, made of dictionaries alone.
struct CgroupNames {
  private struct Directory {
    /// Without slashes; of a path that was cut at its end, what is there of it.
    var name: [UInt8]
    /// Nil: the root, or a directory whose parent is not known.
    var parent: Int?
    var cut: BoundedText.Cut?
    var key: CgroupID?
    /// When the stream said last that the cgroup is here.
    var said = 0
    /// How many of the path's components root has named, as of then.
    var named = Int.max
    var children: [[UInt8]: Int] = [:]
  }

  private var directories: [Int: Directory] = [:]
  private var places: [CgroupID: Int] = [:]
  private var roots: [UInt32: Int] = [:]
  private var last = 0
  private var made = 0
  private static let slash = UInt8(ascii: "/")
  /// PATH_MAX; of a longer path the end is kept.
  private static let limit = 4096
  /// Directories of which no record was read. Only a false stream has so many.
  private static let unnamedLimit = 65_536

  /// The path as printed: at most NST_PATH_BYTES less one.
  func printed(_ key: CgroupID) -> BoundedText { self[key].keepingEnd(1023) }

  /// The path; empty: not known.
  subscript(key: CgroupID) -> BoundedText {
    guard let place = places[key] else {
      return key.id == 1 ? BoundedText([Self.slash]) : BoundedText()
    }
    return path(of: place)
  }

  /// The path that `cgroup=` prints for a task. v2 comes first unless it is the root, and a known
  /// path comes before an unknown one.
  subscript(home: CgroupHome) -> BoundedText {
    let v2 = self[home.inV2]
    if !v2.isEmpty && home.inV2.id != 1 { return v2 }
    let v1 = home.inV1.map { self[$0] } ?? BoundedText()
    return v1.isEmpty ? v2 : v1
  }

  /// The names from the root on; nil: not all of them are known.
  func chain(_ key: CgroupID) -> CgroupChain? {
    var (names, named): ([[UInt8]], Int) = ([], .max)
    guard var place = places[key] else { return key.id == 1 ? CgroupChain() : nil }
    while let directory = directories[place], directory.cut == nil {
      guard let parent = directory.parent else {
        return CgroupChain(names: names.reversed(), named: named)
      }
      names.append(directory.name)
      named = min(named, directory.named)
      place = parent
    }
    return nil
  }

  mutating func read(_ event: nst_cgroup, _ path: [UInt8]) {
    let key = CgroupID(hierarchy: event.hierarchy, id: event.id)
    if event.hdr.flags & UInt16(NST_FLAG_REMOVED) != 0 { return remove(key) }
    let before = last
    if path.count < Int(NST_PATH_BYTES) - 1 {
      put(key, at: path.split(separator: Self.slash).map { Array($0) })
    } else {
      put(key, alone: path, .end)
    }
    note(event.delegated, of: key, since: before)
  }

  mutating func read(_ event: nst_cgroup_in, _ name: [UInt8]) {
    let key = CgroupID(hierarchy: event.hierarchy, id: event.id)
    if event.hdr.flags & UInt16(NST_FLAG_REMOVED) != 0 { return remove(key) }
    let before = last
    put(key, name, in: CgroupID(hierarchy: event.hierarchy, id: event.parent_id))
    note(event.delegated, of: key, since: before)
  }

  /// Notes who has named a cgroup. A report that finds it where it was tells nothing new of that.
  private mutating func note(_ delegated: UInt16, of key: CgroupID, since before: Int) {
    guard last != before, let place = places[key] else { return }
    directories[place]?.named = delegated == 0 ? .max : Int(delegated) - 1
  }

  private func path(of place: Int) -> BoundedText {
    var (names, next, bytes): ([[UInt8]], Int?, Int) = ([], place, 0)
    while let here = next, let directory = directories[here], bytes <= Self.limit {
      if directory.cut == .end { return BoundedText(directory.name, cut: .end) }
      if directory.parent == nil && directory.cut == nil { break }
      names.append(directory.name)
      bytes += directory.name.count + 1
      next = directory.parent
    }
    if names.isEmpty { return BoundedText([Self.slash]) }
    let path = names.reversed().flatMap { [Self.slash] + $0 }
    return BoundedText(path, cut: next == nil ? .front : nil).keepingEnd(Self.limit)
  }
}

// MARK: - Changes

extension CgroupNames {
  private mutating func put(_ key: CgroupID, at names: [[UInt8]]) {
    if let place = places[key], isAt(place, names) { return }
    let place = takeOut(key)
    guard let name = names.last else { return put(place, into: root(key.hierarchy)) }
    var parent = root(key.hierarchy)
    for step in names.dropLast() {
      if let next = directories[parent]?.children[step] {
        parent = next
      } else if directories.count - places.count < Self.unnamedLimit {
        parent = make(step, in: parent)
      } else {
        tidy(parent)
        directories[place]?.name = name
        directories[place]?.cut = .front
        return
      }
    }
    put(place, name, in: parent)
  }

  private func isAt(_ place: Int, _ names: [[UInt8]]) -> Bool {
    var here: Int? = place
    for name in names.reversed() {
      guard let directory = here.flatMap({ directories[$0] }), directory.name == name,
        directory.parent != nil
      else { return false }
      here = directory.parent
    }
    return here.flatMap { directories[$0] }.map { $0.parent == nil && $0.cut == nil } ?? false
  }

  private mutating func put(_ key: CgroupID, _ name: [UInt8], in parent: CgroupID) {
    guard let there = place(ofParent: parent) else { return put(key, alone: name, .front) }
    let old = places[key].flatMap { directories[$0] }
    if let old, old.parent == there, old.name == name { return }
    let place = takeOut(key)
    if let there = self.place(ofParent: parent), !contains(place, there) {
      put(place, name, in: there)
    } else {
      directories[place]?.name = name
      directories[place]?.cut = .front
    }
  }

  /// Nil: not known, or its own path was cut at its end.
  private mutating func place(ofParent key: CgroupID) -> Int? {
    let place = places[key] ?? (key.id == 1 ? root(key.hierarchy) : nil)
    return place.flatMap { directories[$0]?.cut == .end ? nil : $0 }
  }

  private mutating func put(_ key: CgroupID, alone name: [UInt8], _ cut: BoundedText.Cut) {
    if let place = places[key], let old = directories[place], old.parent == nil, old.cut == cut,
      old.name == name
    {
      return
    }
    let place = takeOut(key)
    directories[place]?.name = name
    directories[place]?.cut = cut
  }

  /// Takes the cgroup out of its directory, with all below. A root stays, and its cgroup gets a
  /// directory without any.
  private mutating func takeOut(_ key: CgroupID) -> Int {
    last += 1
    if let place = places[key], let old = directories[place], old.parent != nil || old.cut != nil {
      directories[place]?.said = last
      directories[place]?.parent = nil
      directories[place]?.cut = nil
      if let parent = old.parent {
        directories[parent]?.children[old.name] = nil
        tidy(parent)
      }
      return place
    }
    remove(key)
    let place = make([], in: nil)
    directories[place]?.key = key
    directories[place]?.said = last
    places[key] = place
    return place
  }

  private mutating func put(_ place: Int, _ name: [UInt8], in parent: Int) {
    if let there = directories[parent]?.children[name] { return put(place, into: there) }
    directories[place]?.name = name
    directories[place]?.parent = parent
    directories[parent]?.children[name] = place
  }

  /// Puts what was taken out where something is. The later said of two cgroups with one path is
  /// there; of two directories the one with less in it is emptied.
  private mutating func put(_ place: Int, into there: Int) {
    var pairs = [(place, there)]
    while let (new, old) = pairs.popLast() {
      guard let a = directories[new], let b = directories[old] else { continue }
      let emptiesNew = a.children.count <= b.children.count || b.parent == nil
      let (from, to) = emptiesNew ? (new, old) : (old, new)
      if !emptiesNew {
        directories[new]?.name = b.name
        directories[new]?.parent = b.parent
        if let parent = b.parent { directories[parent]?.children[b.name] = new }
      }
      let (winner, loser) = a.key != nil && (b.key == nil || a.said > b.said) ? (a, b) : (b, a)
      if let key = loser.key { places[key] = nil }
      if let key = winner.key { places[key] = to }
      directories[to]?.key = winner.key
      directories[to]?.said = winner.said
      directories[to]?.named = winner.key == nil ? .max : winner.named
      for (name, child) in directories[from]?.children ?? [:] {
        directories[child]?.parent = nil
        if let other = directories[to]?.children[name] {
          pairs.append((child, other))
        } else {
          directories[child]?.parent = to
          directories[to]?.children[name] = child
        }
      }
      directories[from] = nil
    }
  }

  private mutating func remove(_ key: CgroupID) {
    guard let place = places.removeValue(forKey: key) else { return }
    directories[place]?.key = nil
    directories[place]?.named = .max
    tidy(place)
  }

  /// Removes directories that nothing is said of, from one upwards.
  private mutating func tidy(_ place: Int) {
    var next: Int? = place
    while let here = next, let directory = directories[here], directory.key == nil,
      directory.children.isEmpty
    {
      directories[here] = nil
      if let parent = directory.parent { directories[parent]?.children[directory.name] = nil }
      next = directory.parent
    }
  }

  /// Whether one directory is in another, or is it. If that is too deep to say, it counts as so.
  private func contains(_ outer: Int, _ inner: Int) -> Bool {
    if directories[outer]?.children.isEmpty != false { return outer == inner }
    var next: Int? = inner
    for _ in 0..<Self.limit where next != nil {
      if next == outer { return true }
      next = next.flatMap { directories[$0]?.parent }
    }
    return next != nil
  }

  private mutating func root(_ hierarchy: UInt32) -> Int {
    if let place = roots[hierarchy], directories[place] != nil { return place }
    let place = make([], in: nil)
    roots[hierarchy] = place
    return place
  }

  private mutating func make(_ name: [UInt8], in parent: Int?) -> Int {
    made += 1
    directories[made] = Directory(name: name, parent: parent)
    if let parent { directories[parent]?.children[name] = made }
    return made
  }
}

/// The cgroups of a task, of v2 and of v1. For each the latest record counts.
struct CgroupHome {
  private var v2: (id: UInt64, toldNs: UInt64) = (0, 0)
  private var v1: (key: CgroupID, toldNs: UInt64) = (CgroupID(hierarchy: 0, id: 0), 0)

  init() {}

  /// The cgroups at birth of a task that this ATTACH concerns.
  init(_ attach: nst_attach, inheriting home: CgroupHome?) {
    v2.id = home?.v2.id ?? 0
    v1.key = home?.v1.key ?? CgroupID(hierarchy: 0, id: 0)
    hear(attach)
  }

  mutating func hear(v2 id: UInt64, at time: UInt64) {
    if time >= v2.toldNs { v2 = (id, time) }
  }

  mutating func hear(v1 key: CgroupID, at time: UInt64) {
    if time >= v1.toldNs { v1 = (key, time) }
  }

  mutating func hear(_ attach: nst_attach) {
    let isOfProcess = attach.isOfProcess
    if !isOfProcess || attach.moved == 0 { hear(v2: attach.cgroup_id, at: attach.hdr.time_ns) }
    if !isOfProcess || attach.moved != 0 {
      hear(
        v1: CgroupID(
          hierarchy: isOfProcess ? attach.moved : attach.hierarchy, id: attach.v1_cgroup_id),
        at: attach.hdr.time_ns)
    }
  }

  /// Takes a TASK record. Of v1 it shows whether an ATTACH follows or the task is in the root.
  mutating func hear(_ event: nst_task) {
    let flags = Int32(event.hdr.flags)
    if flags & (NST_FLAG_LATE | NST_FLAG_CGROUP_V1) == 0 {
      hear(v1: CgroupID(hierarchy: 0, id: 0), at: event.hdr.time_ns)
    }
  }

  var inV2: CgroupID { CgroupID(hierarchy: 0, id: v2.id) }

  /// The cgroup of v1; nil: none, or the root.
  var inV1: CgroupID? { v1.key.hierarchy == 0 ? nil : v1.key }

  /// L1: the cgroup for which the task counts; nil: a root, which has no records.
  var counted: CgroupID? {
    if v2.id > 1 { return inV2 }
    return inV1.flatMap { $0.id > 1 ? $0 : nil }
  }
}

/// ATTACH records of tasks that are not born yet.
struct CgroupEntrances {
  private var waiting: [UInt32: nst_attach] = [:]

  mutating func keep(_ event: nst_attach) {
    if waiting.count == 4096 { waiting = [:] }
    waiting[event.task.tid] = event
  }

  /// Gives and removes the task's record; nil: the task is born in its parent's cgroups.
  mutating func take(_ id: nst_task_id) -> nst_attach? {
    guard let attach = waiting[id.tid], attach.task.start_ns == id.start_ns else { return nil }
    waiting[id.tid] = nil
    return attach
  }

  /// Forgets records from before `time`: the births may have been lost.
  mutating func forget(before time: UInt64) {
    waiting = waiting.filter { $0.value.hdr.time_ns >= time }
  }
}
