// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// No mount shows a hierarchy of cgroups from its root, and none could be made: a tracer would take
/// paths in its own cgroup namespace for the kernel's.
public struct CgroupsHidden: Error, Equatable, Sendable {
  /// Of v1; nil: v2.
  var controller: String?
  /// Why none could be made; 0: it was, and is none from the root.
  var errno: Int32
}

extension CgroupsHidden: CustomStringConvertible {
  public var description: String {
    let which = controller.map { "v1 with the controller \($0)" } ?? "v2"
    let reason = errno == 0 ? "" : " (\(SystemError.text(errno)))"
    return
      "nstrace sees only a part of the cgroups (\(which)), for it is in a cgroup namespace of its "
      + "own or none are mounted from their root, and may not mount them itself\(reason): start it on "
      + "the host, in a container with --cgroupns=host and the host's /sys/fs/cgroup, or with "
      + "CAP_SYS_ADMIN, CAP_SYS_PTRACE and the host's /proc"
  }
}
