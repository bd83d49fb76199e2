// SPDX-License-Identifier: Apache-2.0

extension AuditLineFormat {
  /// Appends the NS_LOST record of lines that a log had no room for.
  /// - Parameters:
  ///   - count: the number of lines.
  ///   - sinceNs: when the first of them came: CLOCK_REALTIME, nanoseconds.
  ///   - nowNs: the time of the record.
  ///   - serial: its number.
  package func writeLost(
    _ count: Int, sinceNs: Int64, nowNs: Int64, serial: UInt64, to text: inout TextBuffer
  ) {
    var event = AuditEvent()
    (event.timeNs, event.serial) = (nowNs, serial)
    event.lost = LostRecord(
      count: UInt64(count), kind: nil, sinceNs: sinceNs, resynced: false, cause: .log)
    var format = self
    format.write(event, to: &text)
  }
}
