// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Who is at the other end of a connection, by the kernel's word alone.
struct ControlCaller {
  /// Its number in our PID namespace; 0 when it is in none that we see.
  let pid: UInt32
  /// It has CAP_AUDIT_CONTROL, effective, in the initial user namespace (R2, T7).
  let isCapable: Bool

  /// - Parameter isCapable: what the kernel says now of a process that is alive.
  init(of socket: Int32, isCapable: (UInt32) throws -> Bool) {
    let peer = nst_peer_pid(socket)
    pid = UInt32(max(peer, 0))
    self.isCapable = peer > 0 && Self.isCapable(peer, socket, isCapable)
  }

  /// What is said of a pid is about the caller only if it is still alive afterwards.
  private static func isCapable(
    _ pid: pid_t, _ socket: Int32, _ isCapable: (UInt32) throws -> Bool
  ) -> Bool {
    let fd = nst_peer_pidfd(socket, pid)
    guard fd >= 0 else { return false }
    defer { close(fd) }
    let has = (try? isCapable(UInt32(pid))) ?? false
    var alive = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
    return has && poll(&alive, 1, 0) == 0
  }
}
