// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import NSTrace

/// Reports the records that the kernel side held back because a share was used up, and decides when
/// a walk is due that mends the state of their tasks.
///
/// A process can have records held back on purpose, so reports and walks keep a distance. Only its
/// own tasks are stale meanwhile.
struct ShareWatch: PacedWatch {
  /// The kernel side's sum at the last report.
  private var reported: UInt64 = 0
  private(set) var reports = ReportPace()
  var pace = WalkPace()

  /// Whether records are held back that the stream has not reported.
  func isNew(by port: borrowing some StreamPort & ~Copyable) -> Bool { port.held != reported }

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
