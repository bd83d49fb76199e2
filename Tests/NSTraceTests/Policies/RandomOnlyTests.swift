// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Nobody chooses an ID (T6).
@Suite struct RandomOnlyTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
  ]

  private func run(_ steps: History.Step...) -> History {
    History(under: RandomOnlyPolicy(), Self.start + steps)
  }

  private let uuid = "6f1c6b0e-0001-4abc-8def-0123456789ab"

  @Test func `an ID that the caller chose is refused, one that the tracer chose is not`() {
    let run = run(.register(2, "5"), .register(3, uuid, .init(isRandom: true)))
    #expect(run.lines == ["set 5 opid 2 <- -1 EPERM", "set \(uuid) opid 3 <- -1"])
  }

  @Test func `that it was chosen is said before that the task is gone`() {
    let run = run(.register(2, "5", .init(isFound: false)))
    #expect(run.lines == ["set 5 opid 2 <- -1 EPERM"])
  }
}
