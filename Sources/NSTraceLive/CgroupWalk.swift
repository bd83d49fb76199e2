// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A walk over the directories of the cgroup hierarchies, part by part.
///
/// It opens each directory from the one above, however deep they are: a path of more than 4,095
/// bytes cannot be opened at once. It skips a directory that is gone or that may not be read. The
/// kernel side reports the cgroups that are made and removed meanwhile.
struct CgroupWalk {
  /// A cgroup that the walk has found.
  struct Found: Equatable {
    /// The id of its kernfs node, which is the inode number of its directory.
    var id: UInt64
    /// The id of the parent cgroup; 0: the parent is not mounted.
    var parentID: UInt64
    var hierarchy: UInt32
    /// The path from the root of the hierarchy; of one that is too long for a record, the end.
    var path: [UInt8]
    /// Who named it: NST_DELEGATED.
    var delegated: UInt16 = 0

    /// The path's last component.
    var name: ArraySlice<UInt8> {
      path[(path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...]
    }
  }

  private struct Directory {
    var name: [UInt8]
    /// Its place in `directories`; nil: it is a root.
    var parent: Int?
    var root: Int
    /// 0: it has not been read yet.
    var id: UInt64 = 0
    /// The number of directories above.
    var depth = 0
    /// Who named it: NST_DELEGATED.
    var delegated: UInt16 = 0

    /// Who names what is in it, if its owner is `uid`.
    func namer(owner uid: uid_t) -> UInt16 {
      delegated != 0 || uid == 0 ? delegated : UInt16(clamping: depth + 1)
    }
  }

  /// The open directory that was read last.
  private final class Cursor: Sendable {
    let place: Int
    let descriptor: Int32

    init(place: Int, descriptor: Int32) {
      self.place = place
      self.descriptor = descriptor
    }

    deinit { close(descriptor) }
  }

  private let roots: [CgroupRoot]
  /// All that were found so far.
  private var directories: [Directory] = []
  /// The places of those that have yet to be read; the last is read next.
  private var pending: [Int]
  /// Kept from one part to the next: to go down from the root anew would cost the depth each time.
  private var cursor: Cursor?
  /// The number of directories that were opened. For tests.
  private(set) var opened = 0

  init(over roots: [CgroupRoot]) {
    self.roots = roots
    directories = roots.indices.map { Directory(name: [], parent: nil, root: $0) }
    pending = roots.indices.reversed()
  }

  var isOver: Bool { pending.isEmpty }

  /// Reads up to `count` more directories.
  mutating func next(_ count: Int) -> [Found] {
    var found: [Found] = []
    for _ in 0..<count {
      guard let place = pending.popLast() else { break }
      if let cgroup = look(into: place) { found.append(cgroup) }
    }
    if pending.isEmpty {
      directories = []
      cursor = nil
    }
    return found
  }

  private mutating func look(into place: Int) -> Found? {
    let descriptor = open(place)
    guard descriptor >= 0 else { return nil }
    guard let stream = unsafe fdopendir(descriptor) else {
      close(descriptor)
      return nil
    }
    defer { unsafe closedir(stream) }
    guard let status = status(of: descriptor, in: directories[place].root) else { return nil }
    let (id, parent) = (UInt64(status.st_ino), directories[place].parent)
    directories[place].id = id
    if unsafe list(stream, descriptor, in: place) {
      cursor = Self.cursor(place, open(Self.here, in: descriptor))
    }
    return Found(
      id: id, parentID: parent.map { directories[$0].id } ?? 0,
      hierarchy: roots[directories[place].root].hierarchy, path: path(of: place),
      delegated: directories[place].delegated)
  }

  /// Notes the directories in an open one.
  /// - Returns: whether there are any.
  private mutating func list(
    _ stream: OpaquePointer, _ descriptor: Int32, in place: Int
  ) -> Bool {
    let names = unsafe Self.names(stream)
    let (depth, root) = (directories[place].depth + 1, directories[place].root)
    // Behind the names: who was given the directory meanwhile may have chosen some of them.
    let owner = status(of: descriptor, in: root)?.st_uid ?? .max
    let delegated = directories[place].namer(owner: owner)
    pending += directories.count..<directories.count + names.count
    directories += names.map {
      Directory(name: $0, parent: place, root: root, depth: depth, delegated: delegated)
    }
    return !names.isEmpty
  }

  private static func names(_ stream: OpaquePointer) -> [[UInt8]] {
    var names: [[UInt8]] = []
    while let entry = unsafe readdir(stream) {
      guard unsafe entry.pointee.d_type == UInt8(DT_DIR) else { continue }
      let name = unsafe name(of: entry)
      if name != here && name != above { names.append(name) }
    }
    return names
  }

  /// Nil: another file system is mounted on it.
  private func status(of descriptor: Int32, in root: Int) -> stat? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_dev == roots[root].device else {
      return nil
    }
    return status
  }

  /// The path from the root, of which a record takes no more than the end.
  private func path(of place: Int) -> [UInt8] {
    var (names, bytes, next): ([[UInt8]], Int, Int?) = ([], 0, place)
    while let here = next, directories[here].parent != nil, bytes < Self.pathLimit {
      names.append(directories[here].name)
      bytes += directories[here].name.count + 1
      next = directories[here].parent
    }
    return names.isEmpty ? [Self.slash] : names.reversed().flatMap { [Self.slash] + $0 }
  }

  private static let slash = UInt8(ascii: "/")
  private static let here = [UInt8(ascii: ".")]
  private static let above = Array("..".utf8)
  private static let pathLimit = 4096

  private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe Array(bytes.prefix { $0 != 0 })
    }
  }
}

// MARK: - Opening

extension CgroupWalk {
  /// - Returns: a descriptor, or -1.
  private mutating func open(_ place: Int) -> Int32 {
    let directory = directories[place]
    guard let parent = directory.parent else {
      return open(Self.here, in: roots[directory.root].descriptor)
    }
    climb(to: parent)
    if cursor?.place != parent { descend(to: parent) }
    guard let descriptor = cursor?.descriptor else { return -1 }
    return open(directory.name, in: descriptor)
  }

  /// Goes up from the directory that was read last. Nearly always it is the one that is asked for,
  /// or lies below it.
  private mutating func climb(to place: Int) {
    while let here = cursor?.place, here != place {
      guard let parent = directories[here].parent, let descriptor = cursor?.descriptor else {
        cursor = nil
        return
      }
      let above = open(Self.above, in: descriptor)
      let status = status(of: above, in: directories[parent].root)
      let isParent = status.map { UInt64($0.st_ino) } == directories[parent].id
      cursor = Self.cursor(parent, above)
      if !isParent { cursor = nil }
    }
  }

  /// Goes down from the root.
  private mutating func descend(to place: Int) {
    var (steps, next): ([Int], Int) = ([], place)
    while let parent = directories[next].parent {
      steps.append(next)
      next = parent
    }
    cursor = Self.cursor(next, open(Self.here, in: roots[directories[next].root].descriptor))
    for step in steps.reversed() {
      guard let descriptor = cursor?.descriptor else { return }
      cursor = Self.cursor(step, open(directories[step].name, in: descriptor))
    }
  }

  private static func cursor(_ place: Int, _ descriptor: Int32) -> Cursor? {
    descriptor >= 0 ? Cursor(place: place, descriptor: descriptor) : nil
  }

  private mutating func open(_ name: [UInt8], in descriptor: Int32) -> Int32 {
    opened += 1
    let name = (name + [0]).map { CChar(bitPattern: $0) }
    return unsafe openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  }
}
