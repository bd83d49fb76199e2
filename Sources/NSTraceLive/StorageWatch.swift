// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Reports that the kernel side could not keep the sets that tasks were reported with, for lack of
/// memory, and decides when a walk is due. The walk finds what no hook has seen meanwhile, and keeps
/// the sets if there is memory by then.
///
/// A process can use up the memory on purpose, so reports and walks keep a distance.
struct StorageWatch: PacedWatch {
  /// The kernel side's count at the last report.
  private var reported: UInt64 = 0
  private(set) var reports = ReportPace()
  var pace = WalkPace()

  /// Whether sets were not kept that the stream has not reported.
  func isNew(by port: borrowing some StreamPort & ~Copyable) -> Bool { port.unkept != reported }

  /// Appends LOST records for what was not kept since the last report.
  mutating func report(
    at now: UInt64, by port: inout some StreamPort & ~Copyable, into encoder: inout RecordEncoder
  ) {
    // Before the count: a set in between then has a time that is too early, and not none.
    let since = port.takeUnkeptSince()
    let total = port.unkept
    let loss = RecordLoss(
      kind: NST_KIND_TASK.rawValue, count: total - reported, flags: UInt16(NST_LOST_STORAGE),
      sinceNs: since == 0 ? reports.lastNs : since)
    encoder.append(loss, at: now)
    reported = total
    reports.reported(at: now)
    pace.request()
  }
}
