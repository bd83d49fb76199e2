// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct ValueChoiceTests {
  private static func choice(_ chosen: [Int], not excluded: [Int] = []) -> ValueChoice<Int> {
    var choice = ValueChoice(chosen)
    for value in excluded { choice.insert(value, isExcluded: true) }
    return choice
  }

  @Test func `nothing chosen selects all`() {
    #expect(Self.choice([]).isEmpty)
    #expect(Self.choice([]).selects(1) && Self.choice([]).selects(nil))
  }

  @Test func `one of the chosen is needed, and none of the excluded may be there`() {
    #expect([1, 2, nil].map(Self.choice([1]).selects) == [true, false, false])
    #expect([1, 2, nil].map(Self.choice([], not: [1]).selects) == [false, true, true])
    #expect([1, 2, 3].map(Self.choice([1, 2], not: [2]).selects) == [true, false, false])
  }

  @Test func `of two values one is enough to be chosen, and to be left out`() {
    #expect(Self.choice([1]).selects(2, or: 1) && !Self.choice([1]).selects(2, or: nil))
    #expect(!Self.choice([], not: [1]).selects(2, or: 1))
    #expect(Self.choice([], not: [1]).selects(nil, or: nil))
  }
}
