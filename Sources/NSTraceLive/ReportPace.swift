// SPDX-License-Identifier: Apache-2.0

/// When the stream reports again what a process can cause on purpose, again and again: reports of it
/// keep a distance.
struct ReportPace {
  /// CLOCK_BOOTTIME, nanoseconds; 0: there was none.
  private(set) var lastNs: UInt64 = 0

  static let distanceNs: UInt64 = 1_000_000_000

  func isDue(at now: UInt64) -> Bool { lastNs == 0 || now &- lastNs >= Self.distanceNs }

  mutating func reported(at now: UInt64) { lastNs = now }
}
