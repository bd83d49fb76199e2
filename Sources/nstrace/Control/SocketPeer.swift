// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// The process at the other end of a Unix socket: the one that connected or, seen from there, that
/// listened; of a socket pair the one that made it. Its descriptor may have gone to another process since.
struct SocketPeer: ~Copyable {
  let pid: UInt32
  /// -1: before Linux 6.5 the kernel gives a number alone, which another process may have by now.
  private let pidfd: Int32

  enum Failure: Error, CustomStringConvertible {
    /// It is no connected Unix socket.
    case notConnected(Int32, errno: Int32)
    /// The process has ended, or it is in another PID namespace.
    case gone(Int32)

    var description: String {
      switch self {
      case .notConnected(let fd, let errno):
        "descriptor \(fd) is no connected Unix socket (\(SystemError.text(errno)))"
      case .gone(let fd):
        "the process at the other end of descriptor \(fd) has ended, or is in another PID namespace"
      }
    }
  }

  /// - Parameter descriptor: of a socket that this program has inherited.
  /// - Throws: `Failure`
  init(of descriptor: Int32) throws(Failure) {
    var number: pid_t = 0
    let pidfd = nst_peer_pinned(descriptor, &number)
    if pidfd < 0 {
      guard errno == ENOPROTOOPT else { throw Self.failure(descriptor, errno) }
      number = nst_peer_pid(descriptor)
      guard number >= 0 else { throw .notConnected(descriptor, errno: errno) }
    }
    guard number > 0 else {
      if pidfd >= 0 { close(pidfd) }
      throw .gone(descriptor)
    }
    pid = UInt32(number)
    self.pidfd = pidfd
  }

  deinit { if pidfd >= 0 { close(pidfd) } }

  private static func failure(_ descriptor: Int32, _ errno: Int32) -> Failure {
    // EINVAL: before Linux 6.16 the kernel makes no pidfd of a process that has been waited for.
    errno == ESRCH || errno == EINVAL
      ? .gone(descriptor) : .notConnected(descriptor, errno: errno)
  }

  /// Whether the number is certainly still that process's, unless it has ended.
  var isPinned: Bool { pidfd >= 0 }

  /// Whether the process is known to have ended.
  var hasEnded: Bool {
    guard isPinned else { return false }
    var end = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
    return poll(&end, 1, 0) != 0
  }
}
