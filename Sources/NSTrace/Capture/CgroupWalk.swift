// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The cgroups that exist, part by part: a walk over the directories of their hierarchies.
///
/// A directory that is gone, or may not be read, is passed over: the kernel side tells of those that
/// come and go meanwhile.
struct CgroupWalk {
  /// A cgroup that was found.
  struct Found: Equatable {
    /// The inode number of its directory is the id of its kernfs node.
    var id: UInt64
    /// Of the cgroup that it is in; 0: that is not mounted.
    var parentID: UInt64
    var hierarchy: UInt32
    /// From the root of the hierarchy.
    var path: [UInt8]

    /// The last component of the path.
    var name: ArraySlice<UInt8> {
      path[(path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...]
    }
  }

  /// One that is still to be looked into.
  private struct Pending {
    var directory: [UInt8]
    var path: [UInt8]
    var hierarchy: UInt32
    /// Of the hierarchy; nil at its root.
    var device: dev_t?
    var parentID: UInt64 = 0
  }

  private var pending: [Pending]

  init(over mounts: [CgroupMount]) {
    pending = mounts.reversed().map {
      Pending(directory: $0.directory, path: $0.root, hierarchy: $0.hierarchy)
    }
  }

  /// All that is mounted; nothing where that cannot be found out.
  static func mounts() -> [CgroupMount] {
    guard let mountinfo = try? FileDescriptor.reading("/proc/self/mountinfo").readToEnd(),
      let cgroup = try? FileDescriptor.reading("/proc/self/cgroup").readToEnd()
    else { return [] }
    return CgroupMount.all(mountinfo: mountinfo, cgroup: cgroup)
  }

  var isOver: Bool { pending.isEmpty }

  /// Looks into up to `count` directories more.
  mutating func next(_ count: Int) -> [Found] {
    var found: [Found] = []
    for _ in 0..<count {
      guard let place = pending.popLast() else { break }
      if let cgroup = look(into: place) { found.append(cgroup) }
    }
    return found
  }

  private mutating func look(into place: Pending) -> Found? {
    let name = (place.directory + [0]).map { CChar(bitPattern: $0) }
    guard let stream = unsafe opendir(name) else { return nil }
    defer { unsafe closedir(stream) }
    var status = stat()
    // Something else may be mounted on it.
    guard unsafe fstat(dirfd(stream), &status) == 0,
      place.device.map({ $0 == status.st_dev }) ?? true
    else { return nil }
    while let entry = unsafe readdir(stream) {
      guard unsafe entry.pointee.d_type == UInt8(DT_DIR) else { continue }
      let name = unsafe Self.name(of: entry)
      if name == Self.dot || name == Self.dot + Self.dot { continue }
      let step = [UInt8(ascii: "/")] + name
      pending.append(
        Pending(
          directory: place.directory + step, path: place.path + step,
          hierarchy: place.hierarchy, device: status.st_dev, parentID: UInt64(status.st_ino)))
    }
    return Found(
      id: UInt64(status.st_ino), parentID: place.parentID, hierarchy: place.hierarchy,
      path: place.path.isEmpty ? [UInt8(ascii: "/")] : place.path)
  }

  private static let dot = [UInt8(ascii: ".")]

  private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe Array(bytes.prefix { $0 != 0 })
    }
  }
}
