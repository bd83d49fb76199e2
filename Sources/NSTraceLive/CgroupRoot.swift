// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// The open root directory of a cgroup hierarchy. It is the hierarchy's own root, where the kernel
/// side's paths begin. It is not the root of a cgroup namespace, nor of a part that is mounted.
///
/// A class, because a walk under way and the next walk share it.
final class CgroupRoot: Sendable {
  let hierarchy: UInt32
  /// The directory; closed with the last reference.
  let descriptor: Int32
  /// The hierarchy's device. Another file system may be mounted on a directory inside.
  let device: dev_t

  /// Takes over the descriptor. Nil, and the descriptor is closed, if it is no root.
  private init?(_ hierarchy: UInt32, _ descriptor: Int32) {
    var status = stat()
    let isThere = unsafe descriptor >= 0 && fstat(descriptor, &status) == 0
    self.hierarchy = hierarchy
    self.descriptor = descriptor
    device = status.st_dev
    guard isThere, nst_is_cgroups(descriptor) != 0, status.st_ino == CgroupID.root else {
      return nil
    }
  }

  /// A directory of a file system that has no cgroups. For tests.
  init(directory descriptor: Int32, device: dev_t) {
    (hierarchy, self.descriptor, self.device) = (0, descriptor, device)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The roots of all hierarchies in use.
  ///
  /// A mount shows a hierarchy from the root of the cgroup namespace in which it was made, or a
  /// part of that. If no mount shows the whole hierarchy, this makes one that is attached nowhere,
  /// which takes CAP_SYS_ADMIN.
  /// - Throws: `CgroupsHidden` if that mount cannot be made.
  static func all() throws(CgroupsHidden) -> [CgroupRoot] {
    guard let mountinfo = try? FileDescriptor.reading("/proc/self/mountinfo").readToEnd(),
      let cgroup = try? FileDescriptor.reading("/proc/self/cgroup").readToEnd()
    else { return [] }
    let hierarchies = CgroupHierarchy.all(cgroup)
    let mounts = CgroupMount.all(mountinfo: mountinfo, of: hierarchies)
    var roots: [CgroupRoot] = []
    for hierarchy in hierarchies {
      let own = mounts.filter { $0.hierarchy == hierarchy.number }
      if let root = mounted(own) { roots.append(root) } else { roots.append(try hidden(hierarchy)) }
    }
    return roots
  }

  private static func mounted(_ mounts: [CgroupMount]) -> CgroupRoot? {
    for mount in mounts {
      let name = (mount.directory + [0]).map { CChar(bitPattern: $0) }
      let descriptor = unsafe open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      if let root = CgroupRoot(mount.hierarchy, descriptor) { return root }
    }
    return nil
  }

  private static func hidden(_ hierarchy: CgroupHierarchy) throws(CgroupsHidden) -> CgroupRoot {
    let descriptor = unsafe nst_open_cgroups(hierarchy.controller)
    if let root = CgroupRoot(hierarchy.number, descriptor) { return root }
    throw CgroupsHidden(controller: hierarchy.controller, errno: min(descriptor, 0) * -1)
  }
}
