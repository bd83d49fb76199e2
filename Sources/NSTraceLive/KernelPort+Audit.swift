// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import NSTrace

/// The kernel's audit, and how far the ring was read beside it.
extension KernelPort {
  /// Begins to listen.
  /// - Throws: `AuditError`
  mutating func openAudit() throws(AuditError) {
    var initial = nst_set()
    unsafe nst_probe_initial_set(probe.raw, &initial)
    audit = try AuditSocket(initial)
  }

  var ringWritten: UInt64 { unsafe nst_probe_ring_written(probe.raw) }

  var ringTaken: UInt64 { unsafe nst_probe_ring_taken(probe.raw) }

  var readsAudit: Bool { audit != nil }

  var auditSlackNs: UInt32 { audit?.slackNs ?? 0 }

  mutating func takeAudit(into messages: inout AuditMessages, room: Int) -> AuditReading {
    audit?.take(into: &messages, room: room) ?? AuditReading()
  }

  var auditDropped: UInt32? { audit?.dropped }
}
