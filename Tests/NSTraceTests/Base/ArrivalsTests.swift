// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct ArrivalsTests {
  @Test func `they stand in the order in which they first came`() {
    var arrivals = Arrivals<String>()
    let news = ["b", "a", "b", "c"].map { arrivals.add($0) }
    #expect(news == [true, true, false, true])
    #expect(arrivals.first(.max) == ["b", "a", "c"])
    #expect(arrivals.first(2) == ["b", "a"])
    #expect(arrivals.counts == ["a": 1, "b": 2, "c": 1])
  }

  @Test(arguments: [("a", ["b", "c"]), ("b", ["a", "c"]), ("c", ["a", "b"])])
  func `what has left comes again behind the others`(id: String, others: [String]) {
    var arrivals = Arrivals<String>()
    for id in ["a", "b", "c"] { _ = arrivals.add(id) }
    let isLast = arrivals.remove(id)
    #expect(isLast)
    #expect(arrivals.first(.max) == others)
    _ = arrivals.add(id)
    #expect(arrivals.first(.max) == others + [id])
  }

  @Test func `only the last of several leaves, and what is not there does not`() {
    var arrivals = Arrivals<String>()
    for _ in 0..<2 { _ = arrivals.add("a") }
    let leaves = ["a", "b", "a", "a"].map { arrivals.remove($0) }
    #expect(leaves == [false, false, true, false])
    #expect(arrivals.isEmpty)
    #expect(arrivals.first(.max) == [])
  }

  @Test func `twice as many cost twice as much`() {
    let (once, twice) = (Self.cost(1_000), Self.cost(2_000))
    #expect(twice < 3 * once, "\(once) steps, then \(twice)")
  }

  private static func cost(_ count: Int) -> Int {
    CountedKey.steps(of: count) { keys in
      var arrivals = Arrivals<CountedKey>()
      for key in keys { _ = arrivals.add(key) }
      for key in keys { _ = arrivals.add(key) }
      for key in keys.reversed() { _ = arrivals.remove(key) }
      for key in keys { _ = arrivals.remove(key) }
    }
  }
}
