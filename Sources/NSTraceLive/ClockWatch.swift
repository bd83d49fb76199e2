// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Detects steps of the wall clock. Records have boot time, and CLOCK records give the offset to
/// the wall clock.
struct ClockWatch {
  /// CLOCK_REALTIME minus CLOCK_BOOTTIME, as last reported: nanoseconds.
  private var offsetNs: Int64 = 0

  /// The least change of the offset that counts as a step: nanoseconds.
  static let stepNs: Int64 = 1_000_000

  /// The CLOCK record to report; nil: the last one still holds.
  mutating func step(by port: borrowing some StreamPort & ~Copyable) -> nst_clock? {
    abs(Self.offset(by: port) - offsetNs) > Self.stepNs ? record(by: port) : nil
  }

  /// A CLOCK record with the present offset.
  mutating func record(by port: borrowing some StreamPort & ~Copyable) -> nst_clock {
    offsetNs = Self.offset(by: port)
    var record = nst_clock()
    record.hdr.time_ns = port.now(.boot)
    record.realtime_offset_ns = offsetNs
    return record
  }

  /// CLOCK_REALTIME minus CLOCK_BOOTTIME now: nanoseconds.
  static func offset(by port: borrowing some StreamPort & ~Copyable) -> Int64 {
    // Boot time is read on both sides, because a pause between two clock reads would look like a
    // step.
    let before = port.now(.boot)
    let real = port.now(.real)
    let after = port.now(.boot)
    return Int64(real) - Int64(before + (after - before) / 2)
  }
}
