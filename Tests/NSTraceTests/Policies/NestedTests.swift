// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Nested orchestrators (T3).
@Suite struct NestedTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
  ]

  private func run(_ steps: History.Step...) -> History {
    History(under: NestedPolicy(), Self.start + steps)
  }

  @Test func `one may go deeper, and what a child carries contains its parent's`() {
    let run = run(.register(2, "1"), .register(2, "2"), .fork(2, 4), .register(4, "4", by: 2))
    #expect([2, 4].map(run.contid) == ["2,^1", "4,^2,^1"])
  }

  @Test func `one may never go out, nor reach beside`() {
    let run = run(
      .register(2, "1"), .fork(2, 4), .register(3, "6"), .register(3, "7", by: 4),
      .register(4, "1"))
    #expect(run.lines.suffix(2) == ["set 7 opid 3 <- 6 EXDEV", "set 1 opid 4 <- 1 EEXIST"])
  }

  @Test func `to reach beside is refused before what is there already`() {
    let run = run(.register(2, "1"), .fork(2, 4), .register(3, "6"), .register(3, "6", by: 4))
    #expect(run.lines.last == "set 6 opid 3 <- 6 EXDEV")
  }

  @Test func `an outer container ends with the last task of those inside`() {
    let run = run(
      .register(2, "1"), .fork(2, 4), .register(4, "4", by: 2), .exit(2), .exit(4))
    #expect(run.lines.suffix(2) == ["drop -1 opid 4 <- 4", "drop -1 opid 4 <- 1"])
  }
}
