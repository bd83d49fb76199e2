// SPDX-License-Identifier: Apache-2.0

public import NSTrace

/// Why the kernel's audit records cannot be read.
public enum AuditError: Error, Equatable, Sendable {
  /// The kernel lets a socket in another network namespace listen, and sends it nothing.
  case notInitialNetworkNamespace
  /// CAP_AUDIT_READ is missing, in the initial user namespace.
  case noPermission(errno: Int32)
  /// The kernel was built without audit.
  case noAudit
  /// Another call of the socket has failed.
  case failed(SystemError)
}

extension AuditError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notInitialNetworkNamespace:
      "--audit-events needs the initial network namespace, the only one in which the kernel gives its "
        + "audit records: start nstrace on the host, or in a container with --network=host"
    case .noPermission(let errno):
      "the kernel does not give this user its audit records (\(SystemError.text(errno))): run nstrace as "
        + "root, or with CAP_AUDIT_READ, or leave out --audit-events"
    case .noAudit:
      "this kernel has no audit: boot one that was built with CONFIG_AUDIT=y, or leave out "
        + "--audit-events"
    case .failed(let error): "\(error)"
    }
  }
}
