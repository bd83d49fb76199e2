// SPDX-License-Identifier: Apache-2.0

/// A span of time as people write it: `30s`, `1h30m`, `1.5s`, `250ms`; seconds without a unit.
enum TimeSpan {
  private static let units: KeyValuePairs = [
    "ms": 1_000_000.0, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86_400e9,
  ]

  /// A century.
  private static let longestNs = 36_525 * 86_400e9

  /// - Returns: nanoseconds; nil: the text is no span, or is longer than a century.
  static func nanoseconds(_ text: some StringProtocol) -> Int64? {
    if let seconds = decimal(text) { return nanoseconds(seconds * 1e9) }
    var (total, rest) = (0.0, Substring(text))
    if rest.isEmpty { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(digits.count)
      let name = rest.prefix { $0.isLetter }
      guard let number = decimal(digits), let unit = units.first(where: { $0.key == name })?.value
      else { return nil }
      total += number * unit
      rest = rest.dropFirst(name.count)
    }
    return nanoseconds(total)
  }

  private static func decimal(_ text: some StringProtocol) -> Double? {
    guard text.first?.isNumber == true,
      text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") })
    else { return nil }
    return Double(text)
  }

  private static func nanoseconds(_ value: Double) -> Int64? {
    value <= longestNs ? Int64(value.rounded()) : nil
  }
}
