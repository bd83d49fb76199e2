// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Many free tags (T10).
@Suite struct TagsTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
  ]

  private func run(_ steps: History.Step...) -> History {
    History(under: TagsPolicy(), Self.start + steps)
  }

  @Test func `each registration adds a tag, whoever asks`() {
    let run = run(.register(2, "5"), .register(2, "6", by: 8), .register(3, "6"), .fork(2, 4))
    #expect([2, 3, 4].map(run.contid) == ["5,6", "6", "5,6"])
  }

  @Test func `a tag is there once`() {
    let run = run(.register(2, "5"), .register(2, "5"))
    #expect(run.lines.last == "set 5 opid 2 <- 5 EEXIST")
  }

  @Test func `a tag ends with the last that carries it`() {
    let run = run(.register(2, "5"), .register(2, "6"), .register(3, "6"), .exit(2), .exit(3))
    #expect(run.lines.suffix(2) == ["drop -1 opid 2 <- 5", "drop -1 opid 3 <- 6"])
  }
}
