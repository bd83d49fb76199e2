// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// No mount shows a cgroup hierarchy from its root, and none could be made. The tracer would read
/// paths of its own cgroup namespace, which the kernel side does not use.
public struct CgroupsHidden: Error, Equatable, Sendable {
  /// A controller of the v1 hierarchy; nil: v2.
  var controller: String?
  /// Why no mount could be made; 0: one was made, and its root is not the hierarchy's.
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
