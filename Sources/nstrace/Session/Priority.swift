// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// How much of the processors the tracer gets.
enum Priority {
  /// What is taken off the nice value (auditd's `priority_boost` takes 4). With 100 processes of an
  /// unprivileged user in a loop of vfork and unshare on two processors, 477 of root's 497 calls were
  /// recorded at 0, and all at -10.
  static let boost: Int32 = 10

  /// Raises it as root. For others a service manager does it (Nice=).
  static func raise() {
    guard geteuid() == 0 else { return }
    // A container's root may not.
    _ = nice(-boost)
  }
}
