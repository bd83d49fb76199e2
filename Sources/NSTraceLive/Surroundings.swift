// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import Glibc
internal import NSTrace

/// Checks the namespaces of the tracer itself. The walk over the tasks shows whether its PID
/// namespace is the initial one.
enum Surroundings {
  /// Whether the process is in the initial user namespace, the only one in which its capabilities
  /// allow tracing; true if that cannot be read.
  static var isInitialUser: Bool {
    // PROC_USER_INIT_INO, USER_NS_INIT_INO in <linux/nsfs.h>: the same in all kernels.
    inode("/proc/self/ns/user").map { $0 == 0xefff_fffd } ?? true
  }

  /// Whether the process is in this network namespace, the host's own; true if that cannot be read.
  static func isInNetwork(_ initial: nst_set) -> Bool {
    inode("/proc/self/ns/net").map { $0 == UInt64(initial[.net].inum) } ?? true
  }

  /// Checks that CLOCK_BOOTTIME and the cgroups' paths are the kernel's own.
  /// - Parameter initial: the host's own namespaces.
  /// - Throws: `ProbeError` if the records that user space adds would not match the kernel's.
  static func check(
    _ cgroups: Result<[CgroupRoot], CgroupsHidden>, _ initial: nst_set
  ) throws(ProbeError) -> [CgroupRoot] {
    let time = inode("/proc/self/ns/time") ?? UInt64(initial[.time].inum)
    guard time == UInt64(initial[.time].inum) else { throw .notInitialTimeNamespace }
    switch cgroups {
    case .success(let roots): return roots
    case .failure(let hidden): throw .cgroupsHidden(hidden)
    }
  }

  /// How often CLOCK_REALTIME_COARSE goes on, with which the kernel's audit stamps events: microseconds.
  static var tickUs: UInt16 {
    var resolution = timespec()
    unsafe clock_getres(CLOCK_REALTIME_COARSE, &resolution)
    return UInt16(clamping: resolution.tv_nsec / 1000)
  }

  private static func inode(_ path: String) -> UInt64? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
  }
}
