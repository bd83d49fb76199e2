// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// The rate of audit messages, with a scripted clock.
@Suite struct MessageRateTests {
  private let start = ContinuousClock.now

  /// How many of `count` messages are taken at one time.
  private func taken(
    _ rate: inout MessageRate, _ rank: MessageRate.Rank, of count: Int, after passed: Duration
  ) -> Int {
    var taken = 0
    for _ in 0..<count where rate.take(rank, at: start + passed) { taken += 1 }
    return taken
  }

  @Test(arguments: [(1, 2), (20, 20), (50, 32), (10_000, 32)])
  func `at once no more are sent than in a second, and no more than 32`(_ rate: Int, _ burst: Int) {
    #expect(MessageRate(perSecond: rate, at: start).burst == burst)
  }

  @Test func `half of them are kept for those that go first`() {
    var rate = MessageRate(perSecond: 50, at: start)
    #expect(taken(&rate, .other, of: 100, after: .zero) == 16)
    #expect(taken(&rate, .first, of: 100, after: .zero) == 16)
  }

  @Test func `what is left out goes on being left out until all tokens are there again`() {
    var rate = MessageRate(perSecond: 50, at: start)
    #expect(taken(&rate, .other, of: 17, after: .zero) == 16)
    // 16 tokens take 320 ms.
    #expect(rate.due == start + .milliseconds(320))
    #expect(taken(&rate, .other, of: 10, after: .milliseconds(319)) == 0)
    var isOpen = rate.reopen(at: start + .milliseconds(319))
    #expect(!isOpen)
    isOpen = rate.reopen(at: start + .milliseconds(320))
    #expect(isOpen && rate.due == nil)
    // One went to the NS_LOST.
    #expect(taken(&rate, .other, of: 100, after: .milliseconds(320)) == 15)
  }

  @Test func `those that go first are taken meanwhile, and sooner again`() {
    var rate = MessageRate(perSecond: 50, at: start)
    #expect(taken(&rate, .other, of: 17, after: .zero) == 16)
    #expect(taken(&rate, .first, of: 17, after: .zero) == 16)
    #expect(rate.due == start + .milliseconds(320))
    #expect(taken(&rate, .first, of: 1, after: .milliseconds(300)) == 0)
    let isOpen = rate.reopen(at: start + .milliseconds(320))
    #expect(isOpen)
    #expect(taken(&rate, .first, of: 100, after: .milliseconds(320)) == 15)
    #expect(taken(&rate, .other, of: 1, after: .milliseconds(400)) == 0)
  }

  @Test func `a flood of a minute gets its rate, and a clock that goes back gives nothing`() {
    var rate = MessageRate(perSecond: 50, at: start)
    var sent = 0
    for millisecond in 0..<60_000 {
      let now = start + .milliseconds(millisecond)
      if rate.reopen(at: now) { sent += 1 }
      if rate.take(.other, at: now) { sent += 1 }
    }
    #expect(sent == 3008)
    #expect(taken(&rate, .first, of: 100, after: .zero) <= 32)
    #expect(taken(&rate, .first, of: 100, after: .zero) == 0)
  }

  @Test func `one a second is one a second`() {
    var rate = MessageRate(perSecond: 1, at: start)
    #expect(taken(&rate, .other, of: 5, after: .zero) == 1)
    #expect(taken(&rate, .first, of: 5, after: .zero) == 1)
    let isOpen = rate.reopen(at: start + .seconds(1))
    #expect(isOpen)
  }
}
