// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// An ID at the first namespace that differs (T5).
@Suite struct AutomaticTests {
  private static let start: [Scenario.Step] = [
    .host, .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
  ]

  private func run(_ steps: Scenario.Step...) -> Scenario {
    Scenario(under: AutomaticPolicy(), Self.start + steps)
  }

  private func id(_ inums: [NamespaceSlot: UInt32]) -> String {
    "\(NamespaceHash(NamespacePlace.initial.with(inums).ids).uuid)"
  }

  @Test func `who leaves the host's namespaces has the ID of the set, and says so`() {
    let run = run(.unshare(2, [.uts: 101]))
    let id = id([.uts: 101])
    #expect(run.contid(2) == id)
    #expect(
      run.events.map(\.lines) == [
        ["create unshare uts 2: 101 <- 2 contid=\(id)", "set \(id) opid 2 <- -1"]
      ])
  }

  @Test func `a child born into another namespace has one, its parent has none`() {
    let run = run(.clone(2, 4, [.net: 101]))
    #expect([2, 4].map(run.contid) == ["-1", id([.net: 101])])
  }

  @Test func `what follows inherits it, wherever it goes`() {
    let run = run(
      .unshare(2, [.uts: 101]), .fork(2, 4), .unshare(4, [.net: 102]), .setns(4, [.uts: 2]))
    #expect(run.contid(4) == id([.uts: 101]))
  }

  @Test func `who enters all of a set is in its container`() {
    let run = run(.unshare(2, [.uts: 101]), .setns(3, [.uts: 101]))
    #expect([2, 3].map(run.contid) == [id([.uts: 101]), id([.uts: 101])])
  }

  @Test func `the way back to the host's own set gives no ID`() {
    let run = run(.fork(1, 4), .clone(1, 5, [.uts: 101]), .setns(4, [.uts: 2]), .exit(5))
    #expect(run.contid(4) == "-1")
    let back = Scenario(
      under: AutomaticPolicy(), .host, .begin, .seen(1, [.uts: 101]), .seen(2), .end,
      .setns(1, [.uts: 2]))
    #expect(back.contid(1) == "-1")
  }

  @Test func `who has none may be registered, who has one not`() {
    let run = run(
      .register(3, "5"), .unshare(3, [.uts: 102]), .unshare(2, [.uts: 101]), .register(2, "6"))
    #expect([2, 3].map(run.contid) == [id([.uts: 101]), "5"])
    #expect(run.lines.last == "set 6 opid 2 <- \(id([.uts: 101])) EEXIST")
  }

  @Test func `it ends with its last task`() {
    let run = run(.unshare(2, [.uts: 101]), .exit(2))
    #expect(run.lines.last == "drop -1 opid 2 <- \(id([.uts: 101]))")
  }
}
