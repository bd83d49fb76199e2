// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import CNSWire
internal import Glibc
internal import NSTrace

/// The socket on which the kernel gives its audit records to all who listen, beside auditd.
///
/// A class, because it closes its descriptor.
final class AuditSocket {
  let descriptor: Int32
  /// The room for what waits: bytes.
  let bufferBytes: Int
  /// How much older than its event a stamp may be: nanoseconds.
  let slackNs: UInt32

  /// What a socket has room for that has all that it asks for: bytes.
  static let bufferBytes = 8 << 20

  /// - Parameter initial: the host's own namespaces.
  /// - Throws: `AuditError`
  init(_ initial: nst_set) throws(AuditError) {
    guard Surroundings.isInNetwork(initial) else { throw .notInitialNetworkNamespace }
    var bytes: Int32 = 0
    let result = unsafe nst_audit_open(&bytes)
    guard result >= 0 else { throw AuditError(opening: -result) }
    descriptor = result
    bufferBytes = Int(bytes)
    slackNs = 1000 * UInt32(Surroundings.tickUs) + 1_000_000
  }

  deinit { close(descriptor) }

  /// Appends the messages that wait, without waiting.
  func take(into messages: inout AuditMessages, room: Int) -> AuditReading {
    var found: UInt32 = 0
    unsafe messages.append(room: room) { room in
      unsafe nst_audit_read(descriptor, room.baseAddress, room.count, &found)
    }
    return AuditReading(
      isEmptied: found & UInt32(NST_AUDIT_EMPTIED) != 0,
      isOverrun: found & UInt32(NST_AUDIT_OVERRUN) != 0)
  }

  /// How many messages have found no room; nil: that cannot be read.
  var dropped: UInt32? {
    var count: UInt32 = 0
    return unsafe nst_audit_dropped(descriptor, &count) == 0 ? count : nil
  }
}

extension AuditError {
  fileprivate init(opening errno: Int32) {
    self =
      switch errno {
      case EPERM, EACCES: .noPermission(errno: errno)
      case EPROTONOSUPPORT: .noAudit
      default: .failed(SystemError("listen to the kernel's audit", errno: errno))
      }
  }
}
