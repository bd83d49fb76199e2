// SPDX-License-Identifier: Apache-2.0

public import NSTrace

/// What a person should know of the kernel's audit when a stream with its records begins.
public enum AuditNotice: Equatable, Sendable, CustomStringConvertible {
  case isOff
  case noDaemon
  /// Neither is known, nor what the kernel itself loses.
  case unknown(SystemError)
  /// The socket has so many bytes of room.
  case smallBuffer(Int)

  /// Says what it is, and what to do.
  public var description: String {
    switch self {
    case .isOff:
      "the kernel's audit is off, and there are no audit events until it is switched on: auditctl -e 1"
    case .noDaemon:
      "no auditd runs, and the kernel prints each audit record to its own log, too: start auditd, or "
        + "keep the rules narrow"
    case .unknown(let error):
      "\(error): give CAP_AUDIT_CONTROL; without it nobody says whether audit is on, and what the kernel "
        + "itself loses"
    case .smallBuffer(let bytes):
      "the audit socket has room for \(bytes) bytes only, and audit events may be lost: give "
        + "CAP_NET_ADMIN, or raise net.core.rmem_max"
    }
  }
}
