// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// The process beside the tracer that writes records into the kernel's audit trail (docs/security.md). It
/// ends with this value.
///
/// A class, because a run and its outputs share it.
final class AuditSender: AuditPort {
  /// Readable once the sender has reported, or has ended; -1: it has ended, and this is known.
  private(set) var descriptor: Int32
  /// What it does stands in the kernel's audit trail, too, and is none of the traced system's.
  let pid: pid_t
  /// Readable once it has ended.
  private let pidfd: Int32
  /// The texts that it was handed.
  private var handed: UInt64 = 0
  private var report = nst_audit_report()
  /// The first error with which a text was refused, until it is taken.
  private var refusal: AuditSenderError?
  private var hasRefused = false

  /// A busy machine may take its time to start it, and nothing is traced yet.
  private static let startMilliseconds: Int32 = 10_000
  /// How long it may take for the rest at the end.
  private static let endMilliseconds: Int32 = 1000

  /// - Parameter pid: of a child that speaks at the other end of `descriptor`.
  private init(pid: pid_t, descriptor: Int32) {
    self.pid = pid
    self.descriptor = descriptor
    pidfd = nst_attendant_pidfd(pid)
  }

  /// Forks the sender. Call it while the process has one thread and has its privileges.
  /// - Throws: `AuditSenderError` if the kernel's audit takes no messages, `SystemError` if it cannot be started.
  static func start(_ plan: AuditSenderPlan) throws -> AuditSender {
    let (pid, descriptor) = plan.start()
    guard pid > 0 else { throw SystemError("start the sender of audit messages", errno: -pid) }
    let sender = AuditSender(pid: pid, descriptor: descriptor)
    guard wait(for: descriptor, POLLIN, startMilliseconds), try sender.receive() else {
      throw SystemError("start the sender of audit messages", errno: ETIMEDOUT)
    }
    if let error = AuditSenderError(sender.report) { throw error }
    return sender
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    guard pidfd >= 0 else { return }
    nst_attendant_reap(pid, pidfd, Self.endMilliseconds)
    close(pidfd)
  }

  /// Whether nobody may ask the kernel if its audit is switched on.
  var isStatusUnknown: Bool { report.knows_status == 0 }
  /// Whether texts were handed over of which it has not reported yet.
  var isBusy: Bool { descriptor >= 0 && handed > report.taken }
  /// The number of texts that it, or the kernel, has refused.
  var refused: UInt64 { report.refused }
  /// The number of texts that it had been handed when it was heard last: they may have been sent.
  var unconfirmed: UInt64 { descriptor < 0 ? handed - report.taken : 0 }

  // MARK: AuditPort

  func put(_ text: UnsafeRawBufferPointer) throws(SystemError) -> Bool {
    guard descriptor >= 0 else { throw Self.ended }
    let result = nst_audit_put(descriptor, text.baseAddress, text.count)
    if result == -EAGAIN || result == -EINTR || result == -ENOBUFS { return false }
    guard result == 0 else { throw SystemError("send audit messages", errno: -result) }
    handed += 1
    return true
  }

  func wait(milliseconds: Int32) throws(SystemError) {
    guard descriptor >= 0 else { throw Self.ended }
    // A sender whose reports nobody takes takes no texts.
    hear()
    guard Self.wait(for: descriptor, POLLOUT, milliseconds) else {
      throw SystemError("send the rest of the audit messages", errno: ETIMEDOUT)
    }
  }

  private static var ended: SystemError {
    SystemError("send audit messages, because their sender has ended", errno: EPIPE)
  }
}

// MARK: - Reports

extension AuditSender {
  /// Takes its reports.
  /// - Returns: whether it has ended, and this was not known before.
  @discardableResult
  func hear() -> Bool {
    guard descriptor >= 0 else { return false }
    do throws(SystemError) {
      while try receive() { noteRefusal() }
      return false
    } catch {
      abandon()
      return true
    }
  }

  /// The first refusal, once.
  func takeRefusal() -> AuditSenderError? {
    defer { refusal = nil }
    return refusal
  }

  /// Says that nothing more comes, and waits for its end, a second at most.
  func finish() {
    if descriptor < 0 { return }
    _ = nst_audit_put(descriptor, nil, 0)
    let end = ContinuousClock.now + .milliseconds(Int(Self.endMilliseconds))
    while !hear() {
      let left = Int32((end - .now) / .milliseconds(1))
      if left <= 0 || !Self.wait(for: descriptor, POLLIN, left) { return abandon() }
    }
    // Its socket ends a moment before it does.
    nst_attendant_reap(pid, pidfd, Self.endMilliseconds)
  }

  /// - Returns: false: there is none yet.
  /// - Throws: `SystemError` if the sender has ended.
  private func receive() throws(SystemError) -> Bool {
    let result = nst_audit_hear(descriptor, &report)
    if result == -EAGAIN || result == -EINTR { return false }
    guard result == 1 else {
      throw SystemError("hear from the sender of audit messages", errno: EPIPE)
    }
    return true
  }

  private func noteRefusal() {
    guard !hasRefused, let error = AuditSenderError(report) else { return }
    hasRefused = true
    refusal = error
  }

  private func abandon() {
    close(descriptor)
    descriptor = -1
    nst_attendant_reap(pid, pidfd, 0)
  }

  private static func wait(for descriptor: Int32, _ events: Int32, _ milliseconds: Int32) -> Bool {
    var fd = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return poll(&fd, 1, milliseconds) > 0
  }
}
