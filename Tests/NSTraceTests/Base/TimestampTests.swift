// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import NSTrace

@Suite struct TimestampTests {
  private func text(_ timeNs: Int64) -> String {
    var text = TextBuffer()
    Timestamp(timeNs).appendRFC3339(to: &text)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000000Z"),
      (1, "1970-01-01T00:00:00.000000001Z"),
      (-1, "1969-12-31T23:59:59.999999999Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
      (1_709_251_199_999_999_999, "2024-02-29T23:59:59.999999999Z"),
      (1_709_251_200_000_000_000, "2024-03-01T00:00:00.000000000Z"),
      (1_798_761_599_999_999_999, "2026-12-31T23:59:59.999999999Z"),
      (1_798_761_600_000_000_000, "2027-01-01T00:00:00.000000000Z"),
      (4_107_542_399_000_000_000, "2100-02-28T23:59:59.000000000Z"),
      (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
      (.max, "2262-04-11T23:47:16.854775807Z"),
      (.min, "1677-09-21T00:12:43.145224192Z"),
    ] as [(Int64, String)])
  func `a time is written as RFC 3339 has it`(_ timeNs: Int64, _ expected: String) {
    #expect(text(timeNs) == expected)
  }

  @Test func `it is the calendar of the C library`() {
    var random = FuzzGenerator(seed: 1)
    for _ in 0..<2000 {
      let timeNs = Int64.random(in: .min ... .max, using: &random)
      var seconds = Int(timeNs >= 0 ? timeNs / 1_000_000_000 : (timeNs + 1) / 1_000_000_000 - 1)
      var parts = tm()
      gmtime_r(&seconds, &parts)
      let second = parts.tm_hour * 3600 + parts.tm_min * 60 + parts.tm_sec
      let expected = [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, second]
      let time = Timestamp(timeNs)
      let actual = [time.year, time.month, time.day, time.secondOfDay].map(Int32.init)
      #expect(actual == expected, "\(timeNs)")
    }
  }
}
