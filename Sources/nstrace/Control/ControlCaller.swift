// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import Glibc
internal import NSTrace

/// Who is at the other end of a connection, by the kernel's word alone.
struct ControlCaller {
  /// Its number in our PID namespace; 0 when it is in none that we see.
  let pid: UInt32
  /// It has CAP_AUDIT_CONTROL, effective, in the initial user namespace (R2, T7).
  let isCapable: Bool

  /// - Parameter initialUserNamespace: its inode number.
  init(of socket: Int32, initialUserNamespace: UInt32) {
    let peer = nst_peer_pid(socket)
    pid = UInt32(max(peer, 0))
    isCapable = peer > 0 && Self.isCapable(peer, socket, initialUserNamespace)
  }

  /// What /proc says of a pid is about the caller only if it is still alive afterwards.
  private static func isCapable(_ pid: pid_t, _ socket: Int32, _ initial: UInt32) -> Bool {
    let fd = nst_peer_pidfd(socket, pid)
    guard fd >= 0 else { return false }
    defer { close(fd) }
    let has = hasAuditControl(pid) && userNamespace(of: pid) == initial
    var alive = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
    return has && poll(&alive, 1, 0) == 0
  }

  private static func hasAuditControl(_ pid: pid_t) -> Bool {
    guard let file = try? FileDescriptor.reading("/proc/\(pid)/status"),
      let status = try? file.read(1 << 16)
    else { return false }
    let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix("CapEff:\t")
    }
    guard let line, let effective = UInt64(line.dropFirst(8), radix: 16) else { return false }
    return effective >> 30 & 1 == 1
  }

  private static func userNamespace(of pid: pid_t) -> UInt32? {
    var status = stat()
    guard stat("/proc/\(pid)/ns/user", &status) == 0 else { return nil }
    return UInt32(truncatingIfNeeded: status.st_ino)
  }
}
