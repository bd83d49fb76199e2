// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// The process at the other end of a connection, as the kernel identifies it.
struct ControlCaller {
  /// Its pid in our PID namespace; 0 if it is not visible there.
  let pid: UInt32
  /// Whether it has CAP_AUDIT_CONTROL, effective, in the initial user namespace (R2, T7).
  let isCapable: Bool

  /// - Parameter isCapable: asks the kernel whether the process with this pid has the capability.
  init(of socket: Int32, isCapable: (UInt32) throws -> Bool) {
    let peer = nst_peer_pid(socket)
    pid = UInt32(max(peer, 0))
    self.isCapable = peer > 0 && Self.isCapable(peer, socket, isCapable)
  }

  /// A pid can be reused, so the answer counts only if the caller is still alive afterwards.
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
