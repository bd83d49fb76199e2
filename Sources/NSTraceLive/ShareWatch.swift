// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import NSTrace

/// Reports the records that the kernel side held back because a share was used up, and decides when
/// a walk is due that mends the state of their tasks.
///
/// A process can have records held back on purpose, so reports and walks keep a distance. Only its
/// own tasks are stale meanwhile.
struct ShareWatch {
  /// The kernel side's sum at the last report.
  private var reported: UInt64 = 0
  private var reports = ReportPace()
  var pace = WalkPace()

  /// Whether records are held back that the stream has not reported.
  func isNew(by port: borrowing some StreamPort & ~Copyable) -> Bool { port.held != reported }

  /// How long the source may be left unread while a report or a walk is due: milliseconds; nil: none
  /// is.
  func patienceMilliseconds(by port: borrowing some StreamPort & ~Copyable) -> Int32? {
    isNew(by: port) || pace.isWaiting ? 1000 : nil
  }

  /// Appends SUPPRESSED records if there is news and the distance is kept.
  mutating func reportIfDue(
    by port: inout some StreamPort & ~Copyable, into encoder: inout RecordEncoder
  ) {
    guard isNew(by: port) else { return }
    let now = port.now(.boot)
    if reports.isDue(at: now) { report(at: now, by: &port, into: &encoder) }
  }

  /// Appends SUPPRESSED records for what was held back since the last report.
  mutating func report(
    at now: UInt64, by port: inout some StreamPort & ~Copyable, into encoder: inout RecordEncoder
  ) {
    // Before the counters: a record in between is news again, and the next report finds none.
    reported = port.held
    for var held in port.takeHeld() {
      // It was held back while the last report was made.
      if held.since_ns == 0 { held.since_ns = reports.lastNs }
      encoder.append(held, at: now)
      pace.request()
    }
    reports.reported(at: now)
  }
}
