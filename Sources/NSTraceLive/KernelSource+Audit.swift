// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// The kernel's audit records as a part of the stream.
extension KernelSource {
  /// Adds the kernel's audit records to the stream. Call it before the stream begins, and before
  /// privileges are given up.
  /// - Returns: what a person should know.
  /// - Throws: `AuditError`
  public mutating func openAudit() throws(AuditError) -> [AuditNotice] {
    try assembler.port.openAudit()
    let room = assembler.port.audit?.bufferBytes ?? 0
    let small = room < AuditSocket.bufferBytes ? [AuditNotice.smallBuffer(room)] : []
    return small + askAudit()
  }

  /// Whether the stream has the kernel's audit records.
  public var readsAudit: Bool { assembler.port.readsAudit }

  /// Readable, for poll(2), once audit records wait; -1: they are no part of the stream.
  public var auditDescriptor: Int32 { assembler.port.audit?.descriptor ?? -1 }

  /// Takes the audit events of this number in again: its process of nstrace has ended, and another may get it.
  package mutating func takeIn(auditOf process: UInt32) {
    assembler.audit.own.processes.removeAll { $0 == process }
  }

  /// Leaves out the audit events of this process of nstrace.
  /// - Parameter process: a process id in the initial PID namespace.
  package mutating func leaveOut(auditOf process: UInt32) {
    assembler.audit.own.processes.append(process)
  }

  /// How many audit events of nstrace's own processes were left out.
  public var ownAuditEvents: UInt64 { assembler.audit.own.count }

  /// Whether the kernel has said how many records its audit has lost, and is to be asked again.
  package var saysAuditLost: Bool { assembler.audit.saysLost }

  /// Notes how many audit records the kernel's own backlog has had no room for since the machine was
  /// booted.
  package mutating func noteAuditLost(_ total: UInt32) {
    assembler.audit.noteLost(total, assembler.port)
  }

  /// How many bytes of the last batch are the audit's: they do not count as read from the ring.
  package var auditBytes: Int { assembler.auditBytes }

  var auditPatienceMilliseconds: Int32? {
    readsAudit ? assembler.audit.patienceMilliseconds(at: bootNs) : nil
  }

  /// Asks the kernel of its audit, and notes what it has lost so far.
  private mutating func askAudit() -> [AuditNotice] {
    var status = nst_audit_status()
    let asker = nst_audit_asker()
    let result = asker < 0 ? asker : unsafe nst_audit_ask(asker, &status)
    if asker >= 0 { close(asker) }
    guard result == 0 else {
      return [.unknown(SystemError("ask the kernel of its audit", errno: -result))]
    }
    noteAuditLost(status.lost)
    if status.enabled == 0 { return [.isOff] }
    return status.daemon == 0 ? [.noDaemon] : []
  }
}
