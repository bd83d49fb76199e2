// SPDX-License-Identifier: Apache-2.0

/// The stamp that begins the text of each audit record: `audit(SECONDS.MMM:SERIAL): `.
package struct KernelStamp: Equatable {
  /// CLOCK_REALTIME, nanoseconds since the epoch.
  package var timeNs: Int64
  package var serial: UInt64
  /// The number of bytes of the stamp, with the space behind it.
  package var bytes: Int

  /// - Returns: nil if the text does not begin with one, or its numbers are too large to be any.
  package init?(_ text: RawSpan) {
    var place = 0
    guard Self.take("audit(", text, &place), let seconds = Self.number(1...10, text, &place),
      Self.take(".", text, &place), let milliseconds = Self.number(3...3, text, &place),
      Self.take(":", text, &place), let serial = Self.number(1...19, text, &place),
      Self.take("):", text, &place), seconds < Self.secondsEnd
    else { return nil }
    _ = Self.take(" ", text, &place)
    timeNs = Int64(seconds) * 1_000_000_000 + Int64(milliseconds) * 1_000_000
    self.serial = serial
    bytes = place
  }

  /// Beyond, the nanoseconds do not fit.
  private static var secondsEnd: UInt64 { 9_000_000_000 }

  /// Steps over a text, if it stands there.
  private static func take(_ expected: StaticString, _ text: RawSpan, _ place: inout Int) -> Bool {
    let count = expected.utf8CodeUnitCount
    guard text.byteCount - place >= count else { return false }
    for index in 0..<count where unsafe byte(place + index, text) != expected.utf8Start[index] {
      return false
    }
    place += count
    return true
  }

  /// Steps over a number with so many decimal digits; nil: there are fewer.
  private static func number(
    _ digits: ClosedRange<Int>, _ text: RawSpan, _ place: inout Int
  ) -> UInt64? {
    var (value, count): (UInt64, Int) = (0, 0)
    while place < text.byteCount, count < digits.upperBound {
      let digit = byte(place, text) &- UInt8(ascii: "0")
      if digit > 9 { break }
      value = value * 10 + UInt64(digit)
      place += 1
      count += 1
    }
    return count >= digits.lowerBound ? value : nil
  }

  private static func byte(_ index: Int, _ text: RawSpan) -> UInt8 {
    unsafe text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
  }
}
