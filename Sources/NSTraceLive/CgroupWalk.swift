// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A walk over the directories of the cgroup hierarchies, part by part.
///
/// It skips a directory that is gone or that may not be read. The kernel side reports the cgroups
/// that are made and removed meanwhile.
struct CgroupWalk {
  /// A cgroup that the walk has found.
  struct Found: Equatable {
    /// The id of its kernfs node, which is the inode number of its directory.
    var id: UInt64
    /// The id of the parent cgroup; 0: the parent is not mounted.
    var parentID: UInt64
    var hierarchy: UInt32
    /// The path from the root of the hierarchy.
    var path: [UInt8]

    /// The path's last component.
    var name: ArraySlice<UInt8> {
      path[(path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...]
    }
  }

  /// A directory that the walk has yet to read.
  private struct Pending {
    /// The path below the root; empty for the root itself.
    var path: [UInt8]
    var root: CgroupRoot
    var parentID: UInt64 = 0
  }

  private var pending: [Pending]

  init(over roots: [CgroupRoot]) {
    pending = roots.reversed().map { Pending(path: [], root: $0) }
  }

  var isOver: Bool { pending.isEmpty }

  /// Reads up to `count` more directories.
  mutating func next(_ count: Int) -> [Found] {
    var found: [Found] = []
    for _ in 0..<count {
      guard let place = pending.popLast() else { break }
      if let cgroup = look(into: place) { found.append(cgroup) }
    }
    return found
  }

  private mutating func look(into place: Pending) -> Found? {
    // The dot makes the path relative: it begins with a slash.
    let name = (Self.dot + place.path + [0]).map { CChar(bitPattern: $0) }
    let descriptor = unsafe openat(
      place.root.descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard let stream = unsafe fdopendir(descriptor) else {
      close(descriptor)
      return nil
    }
    defer { unsafe closedir(stream) }
    var status = stat()
    // Another file system may be mounted on it.
    guard unsafe fstat(descriptor, &status) == 0, status.st_dev == place.root.device else {
      return nil
    }
    while let entry = unsafe readdir(stream) {
      guard unsafe entry.pointee.d_type == UInt8(DT_DIR) else { continue }
      let name = unsafe Self.name(of: entry)
      if name == Self.dot || name == Self.dot + Self.dot { continue }
      pending.append(
        Pending(
          path: place.path + [UInt8(ascii: "/")] + name, root: place.root,
          parentID: UInt64(status.st_ino)))
    }
    return Found(
      id: UInt64(status.st_ino), parentID: place.parentID, hierarchy: place.root.hierarchy,
      path: place.path.isEmpty ? [UInt8(ascii: "/")] : place.path)
  }

  private static let dot = [UInt8(ascii: ".")]

  private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe Array(bytes.prefix { $0 != 0 })
    }
  }
}
