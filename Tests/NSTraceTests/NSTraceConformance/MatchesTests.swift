// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTraceConformance

@Suite struct MatchesTests {
  @Test func `each record answers one demand, the first of equal ones first`() {
    var matches = Matches(["a", "b", "a", "c"])
    let taken = ["a", "c", "a", "a", "d"].map { matches.take($0) }
    #expect(taken == [0, 3, 2, nil, nil])
    #expect(matches.rest == [1])
  }

  @Test func `what can answer nothing is left over`() {
    var matches = Matches([nil, "a"])
    let taken = matches.take("a")
    #expect(taken == 1)
    #expect(matches.rest == [0])
  }

  @Test func `twice as many cost twice as much`() {
    let (once, twice) = (Self.cost(1_000), Self.cost(2_000))
    #expect(twice < 3 * once, "\(once) steps, then \(twice)")
  }

  private static func cost(_ count: Int) -> Int {
    CountedKey.steps(of: count) { keys in
      var matches = Matches(keys)
      for key in keys.reversed() { _ = matches.take(key) }
    }
  }
}
