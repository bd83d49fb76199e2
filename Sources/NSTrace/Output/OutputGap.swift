// SPDX-License-Identifier: Apache-2.0

/// The records that one output leaves out, because its file does not take them.
struct OutputGap {
  /// The number of records that are left out.
  private(set) var records: UInt64 = 0
  private var sinceNs: Int64 = 0
  /// The last event that is left out, without its records.
  private var last = AuditEvent()

  /// Adds an event's records. Events come in the order of their serials.
  mutating func add(_ event: borrowing AuditEvent, records count: UInt64) {
    if records == 0 { sinceNs = event.timeNs }
    records += count
    last.serial = event.serial
    last.timeNs = event.timeNs
    last.bootNs = event.bootNs
    last.nsfsDev = event.nsfsDev
    last.view = event.view
  }

  /// Adds the records of an event of the kernel's audit. The kernel's serials are no serials of a run.
  /// - Parameter serial: of nstrace's own event before it; 0: none.
  mutating func add(_ event: borrowing KernelEvent, behind serial: UInt64, records count: UInt64) {
    if records == 0 { sinceNs = event.timeNs }
    records += count
    last.serial = max(serial, 1)
    last.timeNs = event.timeNs
  }

  /// The event that stands for them. It has the time of the last one, and the serial of the last one
  /// that is nstrace's own. Readers of audit logs tell events apart by both.
  func event(cause: LostRecord.Cause) -> AuditEvent {
    var event = last
    event.lost = LostRecord(
      count: records, kind: nil, sinceNs: sinceNs, resynced: false, cause: cause)
    return event
  }
}
