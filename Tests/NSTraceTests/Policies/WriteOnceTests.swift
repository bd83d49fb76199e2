// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// An indelible dye (T2).
@Suite struct WriteOnceTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
  ]

  private func run(_ steps: History.Step...) -> History {
    History(under: WriteOncePolicy(), Self.start + steps)
  }

  @Test func `an ID is written once, and its container is joined only by fork`() {
    let run = run(.register(2, "5"), .fork(2, 4), .register(3, "5"), .register(2, "6"))
    #expect(run.lines.suffix(2) == ["set 5 opid 3 <- -1 ENOTUNIQ", "set 6 opid 2 <- 5 EEXIST"])
    #expect([2, 3, 4].map(run.contid) == ["5", "-1", "5"])
  }

  @Test func `a network namespace is stained too`() {
    let run = run(.register(2, "5"), .unshare(2, [.net: 101]), .setns(3, [.net: 101]))
    #expect(run.lines.last == "change setns net 3: 101 <- 6 cses=1 ns-contid=5")
  }
}
