// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import nstrace

/// The times that --since and --until take.
@Suite struct TimePointTests {
  @Test(
    arguments: [
      ("2026-11-25T10:00:00Z", 1_795_600_800_000_000_000),
      ("2026-11-25 10:00:00.5+01:00", 1_795_597_200_500_000_000),
      ("2026-11-25T10:00:00.000000001-0130", 1_795_606_200_000_000_001),
      ("1970-01-01Z", 0), ("1969-12-31T23:59:59Z", -1_000_000_000),
      ("2262-04-11T23:47:16.854775807Z", .max),
    ] as [(String, Int64)])
  func `a time of ISO 8601 is nanoseconds`(_ text: String, _ nanoseconds: Int64) throws {
    #expect(try TimePoint(text) == .at(nanoseconds))
  }

  @Test(
    arguments: [
      "2262-04-11T23:47:16.854775808Z", "9999-12-31Z", "0001-01-01Z", "2026-02-30Z",
      "2026-11-25T24:00Z", "2026-11-25T10:60Z", "2026-11-25T10:00+24:00", "٢٠٢٦-11-25Z", "",
      "-", "-10x", "boots", "now",
    ])
  func `what is no time is refused`(_ text: String) {
    #expect(throws: (any Error).self) { try TimePoint(text) }
  }

  @Test func `a span counts back from the end, whatever the dump says it is`() throws {
    let point = try TimePoint("-1h30m")
    #expect(point == .before(5_400_000_000_000))
    #expect(point.nanoseconds(before: 5_400_000_000_007) == 7)
    #expect(point.nanoseconds(before: .min) == .min)
    #expect(try TimePoint("boot").nanoseconds(before: 1) == .min)
  }
}
