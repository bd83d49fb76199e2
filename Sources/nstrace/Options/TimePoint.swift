// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc

/// A time that --since or --until names.
enum TimePoint: Equatable {
  /// CLOCK_REALTIME, nanoseconds since the epoch.
  case at(Int64)
  /// So many nanoseconds before the end of the recording, or before now.
  case before(Int64)
  /// The boot of the machine that was traced. All of a stream is of one boot.
  case boot

  /// - Throws: `ValidationError` if the text is no time.
  init(_ text: String) throws {
    if text == "boot" {
      self = .boot
    } else if text.hasPrefix("-"), let span = TimeSpan.nanoseconds(text.dropFirst()) {
      self = .before(span)
    } else if let time = Self.nanoseconds(text) {
      self = .at(time)
    } else {
      throw ValidationError(
        "'\(text)' is no time: give 2026-11-25T10:00:00Z, '2026-11-25 10:00', -10m, or boot")
    }
  }

  /// - Parameter endNs: what `-10m` counts from: CLOCK_REALTIME, nanoseconds.
  func nanoseconds(before endNs: Int64) -> Int64 {
    switch self {
    case .at(let time): time
    case .before(let span): Self.difference(endNs, span)
    case .boot: .min
    }
  }

  /// A dump may state any time for its end.
  private static func difference(_ endNs: Int64, _ span: Int64) -> Int64 {
    let (start, isOver) = endNs.subtractingReportingOverflow(span)
    return isOver ? .min : start
  }

  /// ISO 8601, in local time if no zone is given.
  private static func nanoseconds(_ text: String) -> Int64? {
    let form =
      /(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?/
    guard let match = text.wholeMatch(of: form.asciiOnlyDigits())?.output else { return nil }
    var time = tm()
    time.tm_year = number(match.1) - 1900
    time.tm_mon = number(match.2) - 1
    time.tm_mday = number(match.3)
    time.tm_hour = number(match.4 ?? "0")
    time.tm_min = number(match.5 ?? "0")
    time.tm_sec = number(match.6 ?? "0")
    time.tm_isdst = -1
    let wanted = time
    let seconds = match.8 == nil ? mktime(&time) : timegm(&time)
    // A day that the month does not have becomes one of the next.
    guard time.tm_mday == wanted.tm_mday, time.tm_mon == wanted.tm_mon, wanted.tm_hour < 24,
      wanted.tm_min < 60, wanted.tm_sec < 60
    else { return nil }
    guard let zone = zone(match.8 ?? "Z") else { return nil }
    let fraction = Int64(match.7.map { $0 + String(repeating: "0", count: 9 - $0.count) } ?? "0")
    // Nanoseconds end in 2262.
    let (value, isOver) = (Int64(seconds) - zone).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, isOverToo) = value.addingReportingOverflow(fraction ?? 0)
    return isOver || isOverToo ? nil : sum
  }

  private static func number(_ digits: Substring) -> Int32 { Int32(digits) ?? 0 }

  /// Seconds east of UTC.
  private static func zone(_ text: Substring) -> Int64? {
    if text == "Z" { return 0 }
    let digits = text.dropFirst().filter { $0 != ":" }
    guard let hours = Int64(digits.prefix(2)), let minutes = Int64(digits.suffix(2)), hours < 24,
      minutes < 60
    else { return nil }
    return (text.first == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
  }
}
