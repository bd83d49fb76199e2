// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// The kernel's audit records. They stand behind all that had happened when they were read: the socket is
/// read before the ring, and they are handed out once the ring has been read as far as it was written
/// then.
extension StreamAssembler where Port: ~Copyable {
  /// Reads what waits in the socket, in every phase, so that it does not overflow meanwhile.
  mutating func readAudit() {
    auditBytes = 0
    if port.readsAudit { audit.read(&port, room: Self.readBytes) }
  }

  /// Hands out what is due, while the stream is in no walk and no gap.
  mutating func appendAudit(behind batch: inout RecordBatch) {
    guard port.readsAudit, isLive else { return }
    let start = batch.count
    while audit.backlog.isDue(port.ringTaken), batch.count - start < Self.readBytes {
      appendAuditPart(to: &batch)
    }
    settleAudit(&batch)
    auditBytes = batch.count - start
  }

  /// Hands out, at the end, all that waits, and reads what the socket has: 24 MiB at most.
  mutating func finishAudit(behind batch: inout RecordBatch) {
    guard port.readsAudit else { return }
    for _ in 0..<Self.lastReads {
      while !audit.backlog.isEmpty { appendAuditPart(to: &batch) }
      if audit.isEmptied && !audit.isOverrun { break }
      audit.read(&port, room: Self.readBytes)
    }
    while !audit.backlog.isEmpty { appendAuditPart(to: &batch) }
    if audit.givenNs != nil { appendSettled(to: &batch) }
  }

  private static var lastReads: Int { 24 }

  /// Whether a reader may rest: little waits in the ring, and nothing that could be read.
  var mayRest: Bool { isCaughtUp && !(port.readsAudit && isAuditBehind) }

  private var isAuditBehind: Bool {
    audit.isBehind || isLive && audit.backlog.isDue(port.ringTaken)
  }

  private mutating func appendAuditPart(to batch: inout RecordBatch) {
    let slackNs = port.auditSlackNs
    var (own, isGiven) = (audit.own, false)
    let part = audit.backlog.takePart { part, type, text in
      let stamp = unsafe KernelStamp(text.bytes)
      guard !text.isEmpty, let type = Self.recordType(type, hasStamp: stamp != nil) else { return }
      if let stamp, own.take(type, stamp, text) { return }
      batch.append(Self.record(of: part, type, stamp, slackNs), text)
      isGiven = true
    }
    audit.own = own
    if isGiven { audit.givenNs = part.timeNs }
    if let loss = part.loss { batch.append(loss, at: part.timeNs) }
  }

  /// Types from 1000 to 2999 are audit's; those below 1100 are also those of answers to requests, which
  /// have no stamp.
  private static func recordType(_ type: UInt32, hasStamp: Bool) -> UInt16? {
    (1000...2999).contains(type) && (type >= 1100 || hasStamp) ? UInt16(type) : nil
  }

  private static func record(
    of part: AuditBacklog.Part, _ type: UInt16, _ stamp: KernelStamp?, _ slackNs: UInt32
  ) -> nst_audit {
    var record = nst_audit()
    record.hdr.time_ns = part.timeNs
    let eventNs = stamp.map { UInt64(clamping: $0.timeNs &- part.offsetNs) } ?? part.timeNs
    // The wall clock may have been set back since.
    record.event_ns = min(eventNs, part.timeNs)
    record.slack_ns = slackNs
    record.type = type
    return record
  }

  private mutating func settleAudit(_ batch: inout RecordBatch) {
    guard let givenNs = audit.givenNs, audit.backlog.isEmpty, audit.isEmptied,
      port.now(.boot) >= givenNs + AuditWatch.settleNs
    else { return }
    appendSettled(to: &batch)
  }

  private mutating func appendSettled(to batch: inout RecordBatch) {
    batch.appendAuditSettled(at: port.now(.boot))
    audit.givenNs = nil
  }
}
