// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// The root of a hierarchy of cgroups, opened to be walked over: the hierarchy's own, as the kernel
/// side's paths begin there, and not that of a cgroup namespace or of a part that is mounted.
///
/// A class, for a walk that is under way and the next one share it.
final class CgroupRoot: Sendable {
  let hierarchy: UInt32
  /// A directory; open as long as somebody has the root.
  let descriptor: Int32
  /// Of the hierarchy: something else may be mounted inside.
  let device: dev_t

  /// Nil: this is not a root. The descriptor is closed then.
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

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The roots of all hierarchies that are in use.
  ///
  /// A mount shows a hierarchy from the root of the cgroup namespace that it was made in, or a part of
  /// it. Where none shows the whole, one is made that nobody else sees, which takes CAP_SYS_ADMIN.
  /// - Throws: `CgroupsHidden` where that may not be done.
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
