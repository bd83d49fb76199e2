// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// One ID, set once (R1 to R6).
@Suite struct RFCPolicyTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
  ]

  private func run(_ steps: History.Step...) -> History {
    History(under: RFCPolicy(), Self.start + steps)
  }

  @Test func `a task has one ID, once`() {
    let run = run(.register(2, "5"), .register(2, "6"))
    #expect(run.lines.last == "set 6 opid 2 <- 5 EEXIST")
    #expect(run.contid(2) == "5")
  }

  @Test func `a sibling may be registered: a runtime's hook is one of its target`() {
    #expect(run(.register(2, "5", by: 3, .init(descends: false))).contid(2) == "5")
  }
}
