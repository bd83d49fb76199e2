// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import Glibc
internal import NSTrace

/// What a tracer takes for granted of the namespaces that it runs in itself. That it is in the initial
/// PID namespace the walk over the tasks tells.
enum Surroundings {
  /// Whether it is in the user namespace that the kernel begins with, where alone capabilities let a
  /// process trace; true where that cannot be told.
  static var isInitialUser: Bool {
    // PROC_USER_INIT_INO, USER_NS_INIT_INO in <linux/nsfs.h>: the same in all kernels.
    inode("/proc/self/ns/user").map { $0 == 0xefff_fffd } ?? true
  }

  /// - Parameter initial: the host's own namespaces.
  /// - Throws: `ProbeError` where what user space adds to the stream would not fit the kernel's.
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

  private static func inode(_ path: String) -> UInt64? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
  }
}
