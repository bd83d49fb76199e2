// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace
internal import NSTraceLive

/// The kernel's audit as a part of the stream.
extension LiveRun {
  /// Leaves nstrace's own events out, and has the kernel's losses told if it says them.
  mutating func beginAudit() {
    guard pipeline.source.readsAudit else { return }
    pipeline.source.leaveOut(auditOf: UInt32(getpid()))
    if let pid = logFiles.attendant?.pid { pipeline.source.leaveOut(auditOf: UInt32(pid)) }
    if let pid = auditSenderPID { pipeline.source.leaveOut(auditOf: UInt32(pid)) }
    if Self.asksAudit(pipeline.source, privileges) { return auditDue = .now }
    if pipeline.source.saysAuditLost {
      Diagnostics.warn(
        "the kernel does not say to the user of --user what its audit loses: that is not told")
    }
  }

  /// Whether the attendant is to ask the kernel what its audit has lost. As another user it may not.
  static func asksAudit(
    _ source: borrowing KernelSource, _ privileges: PrivilegeOptions
  ) -> Bool {
    source.saysAuditLost && privileges.user == nil
  }

  /// Has the attendant ask the kernel what its audit has lost, once a second. The reply comes at a rest
  /// or, where there is none, is taken at the next question.
  mutating func askAuditLost() {
    guard let due = auditDue, ContinuousClock.now >= due else { return }
    auditDue = .now + .seconds(1)
    do throws(SystemError) {
      if logFiles.attendant?.late == .auditLost { _ = try? logFiles.attendant?.takeLate() }
      noteAuditLost()
      try logFiles.attendant?.beginAuditLost()
    } catch {
      auditDue = nil
      Diagnostics.warn("\(error): what the kernel's audit loses from now on is not told")
    }
  }

  /// The same at the end of the run, which waits for the reply.
  mutating func finishAuditLost() {
    guard auditDue != nil else { return }
    try? logFiles.attendant?.askAuditLost()
    noteAuditLost()
  }

  mutating func noteAuditLost() {
    if let lost = logFiles.attendant?.takeAuditLost() { pipeline.source.noteAuditLost(lost) }
  }

  /// What the closing line says of the audit's own events; empty: there were none.
  var ownAuditEvents: String {
    let count = pipeline.source.ownAuditEvents
    return count > 0 ? ", \(count) audit events of its own left out" : ""
  }
}
