// SPDX-License-Identifier: Apache-2.0

/// A span of the stream's time: CLOCK_REALTIME, nanoseconds since the epoch, as events are stamped.
package struct TimeWindow: Sendable, Equatable {
  /// The first time that is in it.
  package var sinceNs: Int64
  /// The last one.
  package var untilNs: Int64

  package init(since sinceNs: Int64 = .min, until untilNs: Int64 = .max) {
    self.sinceNs = sinceNs
    self.untilNs = untilNs
  }

  /// Whether it is all time.
  package var isEmpty: Bool { sinceNs == .min && untilNs == .max }

  func has(_ timeNs: Int64) -> Bool { timeNs >= sinceNs && timeNs <= untilNs }

  /// Whether a loss touches it: a record may be missing from its beginning until it was told.
  func has(_ lost: LostRecord, toldNs: Int64) -> Bool {
    toldNs >= sinceNs && lost.sinceNs <= untilNs
  }
}
