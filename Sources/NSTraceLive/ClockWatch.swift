// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Tells when the wall clock is stepped. Records have boot time, and CLOCK records say what to add to it.
struct ClockWatch {
  /// CLOCK_REALTIME minus CLOCK_BOOTTIME as last reported: nanoseconds.
  private var offsetNs: Int64 = 0

  /// The wall clock counts as stepped when it has moved by more than this against boot time: nanoseconds.
  static let stepNs: Int64 = 1_000_000

  /// The CLOCK record to report; nil: the last one still holds.
  mutating func step(by port: borrowing some StreamPort & ~Copyable) -> nst_clock? {
    abs(Self.offset(by: port) - offsetNs) > Self.stepNs ? record(by: port) : nil
  }

  /// The CLOCK record of now.
  mutating func record(by port: borrowing some StreamPort & ~Copyable) -> nst_clock {
    offsetNs = Self.offset(by: port)
    var record = nst_clock()
    record.hdr.time_ns = port.now(.boot)
    record.realtime_offset_ns = offsetNs
    return record
  }

  private static func offset(by port: borrowing some StreamPort & ~Copyable) -> Int64 {
    // Boot time is read on both sides: a pause between two clock reads would look like a step.
    let before = port.now(.boot)
    let real = port.now(.real)
    let after = port.now(.boot)
    return Int64(real) - Int64(before + (after - before) / 2)
  }
}
