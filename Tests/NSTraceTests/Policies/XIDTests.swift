// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// One context number of 32 bits (T11).
@Suite struct XIDTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
  ]

  private func run(_ steps: History.Step...) -> History {
    History(under: XIDPolicy(), Self.start + steps)
  }

  @Test(arguments: [("4294967295", true), ("4294967296", false)])
  func `an ID has 32 bits`(_ id: String, _ isGranted: Bool) {
    let run = run(.register(2, id))
    #expect(run.lines == ["set \(id) opid 2 <- -1" + (isGranted ? "" : " EINVAL")])
  }

  @Test func `it is set once, is inherited, and does not nest`() {
    let run = run(
      .register(2, "5"), .fork(2, 4), .register(4, "6", by: 2), .register(3, "5", by: 8))
    #expect([2, 3, 4].map(run.contid) == ["5", "5", "5"])
    #expect(run.lines.contains("set 6 opid 4 <- 5 EEXIST"))
  }
}
