// SPDX-License-Identifier: Apache-2.0

/// A point in time in UTC, as people and RFC 3339 write it: output must not depend on where a dump
/// is replayed.
package struct Timestamp {
  var year: Int
  var month: Int
  var day: Int
  var secondOfDay: Int
  package var nanosecond: Int

  /// - Parameter timeNs: CLOCK_REALTIME, nanoseconds since the epoch.
  package init(_ timeNs: Int64) {
    let (seconds, nanosecond) = Self.floorDivide(Int(timeNs), 1_000_000_000)
    let (days, second) = Self.floorDivide(seconds, 86_400)
    self.nanosecond = nanosecond
    secondOfDay = second
    // Days to civil date, in eras of 400 years that begin on 1 March.
    let shifted = days + 719_468
    let (era, dayOfEra) = Self.floorDivide(shifted, 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  private static func floorDivide(_ a: Int, _ b: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
    return remainder < 0 ? (quotient - 1, remainder + b) : (quotient, remainder)
  }

  /// `2026-11-21T23:08:55.123456789Z`
  func appendRFC3339(to text: inout TextBuffer) {
    appendDate(to: &text)
    appendClock(to: &text)
    text.append(".")
    text.append(decimal: UInt64(nanosecond), minimumDigits: 9)
    text.append("Z")
  }

  /// `2026-11-21T23:08:55Z`
  func appendSecond(to text: inout TextBuffer) {
    appendDate(to: &text)
    appendClock(to: &text)
    text.append("Z")
  }

  private func appendDate(to text: inout TextBuffer) {
    text.append(decimal: UInt64(clamping: year), minimumDigits: 4)
    text.append("-")
    text.append(decimal: UInt64(month), minimumDigits: 2)
    text.append("-")
    text.append(decimal: UInt64(day), minimumDigits: 2)
    text.append("T")
  }

  /// `23:08:55`
  package func appendClock(to text: inout TextBuffer) {
    text.append(decimal: UInt64(secondOfDay / 3600), minimumDigits: 2)
    text.append(":")
    text.append(decimal: UInt64(secondOfDay / 60 % 60), minimumDigits: 2)
    text.append(":")
    text.append(decimal: UInt64(secondOfDay % 60), minimumDigits: 2)
  }
}
