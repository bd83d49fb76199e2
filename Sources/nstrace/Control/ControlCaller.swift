// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// The process at the other end of a connection, as the kernel identifies it.
struct ControlCaller {
  /// Its pid in our PID namespace; 0 if it is not visible there.
  let pid: UInt32
  /// What it may do, by the kernel's word (R2, T6, T7).
  let capabilities: AuditCapabilities

  /// - Parameter capabilities: asks the kernel for those of the process with this pid.
  init(of socket: Int32, capabilities: (UInt32) throws -> AuditCapabilities) {
    let peer = nst_peer_pid(socket)
    pid = UInt32(max(peer, 0))
    self.capabilities = peer > 0 ? Self.read(peer, socket, capabilities) : []
  }

  /// A pid can be reused, so the answer counts only if the caller is still alive afterwards.
  private static func read(
    _ pid: pid_t, _ socket: Int32, _ capabilities: (UInt32) throws -> AuditCapabilities
  ) -> AuditCapabilities {
    let fd = nst_peer_pidfd(socket, pid)
    guard fd >= 0 else { return [] }
    defer { close(fd) }
    let read = (try? capabilities(UInt32(pid))) ?? []
    var alive = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
    return poll(&alive, 1, 0) == 0 ? read : []
  }
}
