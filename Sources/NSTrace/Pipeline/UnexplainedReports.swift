// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The reports that were handed over unexplained, because too much was held behind them or the stream
/// ended their wait. A task that they name as the maker of a namespace may only have entered it.
///
/// They are recorded as a loss: the first at once, later ones together, once a second of the stream
/// and when nothing is held any more.
struct UnexplainedReports: Sendable {
  private var count: UInt32 = 0
  /// The time of the first unrecorded one: CLOCK_BOOTTIME, nanoseconds.
  private var sinceNs: UInt64 = 0
  private var toldNs: UInt64?

  private static let intervalNs: UInt64 = 1_000_000_000

  /// Counts a report.
  /// - Parameter timeNs: the report's CLOCK_BOOTTIME, nanoseconds.
  mutating func add(at timeNs: UInt64) {
    if count == 0 { sinceNs = timeNs }
    count &+= 1
  }

  /// The loss to record before a report; nil: none.
  mutating func loss(at timeNs: UInt64) -> nst_lost? {
    if let toldNs, timeNs < toldNs &+ Self.intervalNs { return nil }
    return rest(at: timeNs)
  }

  /// The loss that is not recorded yet; nil: none.
  mutating func rest(at timeNs: UInt64) -> nst_lost? {
    guard count > 0 else { return nil }
    toldNs = timeNs
    defer { count = 0 }
    var loss = nst_lost()
    loss.hdr.kind = UInt16(NST_KIND_LOST.rawValue)
    loss.hdr.size = UInt32(MemoryLayout<nst_lost>.size)
    loss.hdr.time_ns = timeNs
    loss.since_ns = sinceNs
    loss.count = count
    loss.kind = UInt16(NST_KIND_SWITCH.rawValue)
    loss.flags = UInt16(NST_LOST_UNEXPLAINED)
    return loss
  }
}
