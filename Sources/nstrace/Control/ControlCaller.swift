// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// The process at the other end of a connection, as the kernel identifies it: the one that connected. Its
/// children may hold the connection, too, and ask in its name.
struct ControlCaller {
  /// Asks the kernel about the process with this pid, and whether that user is its effective one.
  typealias Question = (_ pid: UInt32, _ user: uid_t) throws -> ControlCallerFacts

  /// Its pid in our PID namespace; 0 if it is not visible there.
  let pid: UInt32
  /// What the kernel says of it (R2, T6, T7).
  private let facts: ControlCallerFacts
  /// Nil if nothing was asked about it.
  private let process: Pidfd?

  /// - Parameter user: the one that connected; nil: not known.
  init(of socket: Int32, user: uid_t?, facts: Question) {
    let peer = nst_peer_pid(socket)
    pid = UInt32(max(peer, 0))
    let pidfd = peer > 0 ? nst_peer_pidfd(socket, peer) : -1
    let process = pidfd >= 0 ? Pidfd(pidfd) : nil
    let found = process.flatMap { Self.read(pid: UInt32(peer), user, while: $0, facts) }
    self.process = found == nil ? nil : process
    self.facts = found ?? ControlCallerFacts()
  }

  /// A pid can be reused, so the answer counts only if the caller is still alive afterwards.
  private static func read(
    pid: UInt32, _ user: uid_t?, while process: Pidfd, _ facts: Question
  ) -> ControlCallerFacts? {
    guard let user, let found = try? facts(pid, user), !process.hasEnded else { return nil }
    return found
  }

  var capabilities: AuditCapabilities { facts.capabilities }

  /// When it was started: CLOCK_BOOTTIME, nanoseconds; 0: not known.
  var startNs: UInt64 { facts.startNs }

  /// Whether it has ended since. Its pid may be another process's then.
  var hasEnded: Bool { process?.hasEnded ?? false }
}
