// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Watches for what a process can cause on purpose, again and again: its reports, and the walks that
/// mend it, keep a distance.
protocol PacedWatch {
  var reports: ReportPace { get }
  var pace: WalkPace { get }

  /// Whether there is something that the stream has not reported.
  func isNew(by port: borrowing some StreamPort & ~Copyable) -> Bool

  /// Appends what there is since the last report.
  mutating func report(
    at now: UInt64, by port: inout some StreamPort & ~Copyable, into encoder: inout RecordEncoder)
}

extension PacedWatch {
  /// How long the source may be left unread while a report or a walk is due: milliseconds; nil: none
  /// is.
  func patienceMilliseconds(by port: borrowing some StreamPort & ~Copyable) -> Int32? {
    isNew(by: port) || pace.isWaiting ? 1000 : nil
  }

  /// Reports if there is news and the distance is kept.
  mutating func reportIfDue(
    by port: inout some StreamPort & ~Copyable, into encoder: inout RecordEncoder
  ) {
    guard isNew(by: port) else { return }
    let now = port.now(.boot)
    if reports.isDue(at: now) { report(at: now, by: &port, into: &encoder) }
  }
}
