// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// Why the kernel's audit takes no messages.
enum AuditSenderError: Error, Equatable {
  /// The process lacks CAP_AUDIT_WRITE.
  case noPermission
  /// The kernel has no audit.
  case noAudit
  /// The kernel's audit is switched off.
  case isDisabled
  /// The kernel does not talk to processes of this user namespace.
  case notInitialUserNamespace
  case notInitialPIDNamespace
  /// The kernel has refused a message.
  case refused(errno: Int32)
  /// The sender has refused a text: it is not of the form.
  case notUnderstood
  /// The sender could not be started.
  case notStarted(errno: Int32)

  /// The error of a report; nil: it has none.
  init?(_ report: nst_audit_report) {
    if report.error == 0 { return nil }
    switch (nst_audit_step(report.step), report.error) {
    case (NST_AUDIT_CAPABILITY, _): self = .noPermission
    case (NST_AUDIT_PID_NAMESPACE, _): self = .notInitialPIDNamespace
    case (NST_AUDIT_SOCKET, ECONNREFUSED): self = .notInitialUserNamespace
    case (NST_AUDIT_SOCKET, _): self = .noAudit
    case (NST_AUDIT_DISABLED, _): self = .isDisabled
    case (NST_AUDIT_SEND, let errno): self = .refused(errno: errno)
    case (NST_AUDIT_UNDERSTAND, _): self = .notUnderstood
    case (_, let errno): self = .notStarted(errno: errno)
    }
  }

  /// Whether another user could do it.
  var isPermission: Bool {
    switch self {
    case .noPermission, .notInitialUserNamespace: true
    case .noAudit, .isDisabled, .notInitialPIDNamespace, .refused, .notUnderstood, .notStarted:
      false
    }
  }
}

extension AuditSenderError: CustomStringConvertible {
  var description: String {
    switch self {
    case .noPermission:
      "the kernel does not let this user write audit messages: run it as root, or with "
        + "CAP_AUDIT_WRITE, or leave out --to-audit"
    case .noAudit:
      "this kernel has no audit: boot one that was built with CONFIG_AUDIT=y, or leave out --to-audit"
    case .isDisabled:
      "the kernel's audit is switched off and drops messages: start auditd, or run auditctl -e 1, "
        + "or leave out --to-audit"
    case .notInitialUserNamespace:
      "the kernel takes audit messages from its initial user namespace only: start nstrace on the "
        + "host, or leave out --to-audit"
    case .notInitialPIDNamespace:
      "audit messages would name processes of another PID namespace: start nstrace on the host, or "
        + "in a container with --pid=host, or leave out --to-audit"
    case .refused(let errno):
      "the kernel's audit has refused a message (\(SystemError.text(errno)))"
    case .notUnderstood: "the sender of audit messages has refused one that is not of their form"
    case .notStarted(let errno):
      "cannot start the sender of audit messages: \(SystemError.text(errno))"
    }
  }
}
