// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// The way of records into the kernel's audit trail, opened and not yet used.
struct AuditTrail {
  let sender: AuditSender
  /// The records besides the usual ones.
  let types: [RecordType]
  let rate: MessageRate

  /// The output of a run that begins now.
  func messages() -> TrailMessages {
    TrailMessages(AuditMessageFormat(types, run: Self.stamp()), rate, to: sender)
  }

  /// When the run begins, in seconds, which tells it from others.
  private static func stamp() -> [UInt8] {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let nanoseconds = String(time.tv_nsec)
    let zeros = String(repeating: "0", count: 9 - nanoseconds.utf8.count)
    return Array("\(time.tv_sec).\(zeros)\(nanoseconds)".utf8)
  }
}
