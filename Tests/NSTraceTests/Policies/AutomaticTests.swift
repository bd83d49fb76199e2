// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceConformance

/// The ID is that of the set of namespaces, and of nothing else (T5). The sentences are Salaün's.
@Suite struct AutomaticTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
  ]

  private func run(_ steps: History.Step...) -> History {
    History(under: AutomaticPolicy(), Self.start + steps)
  }

  /// - Parameter number: how many sets with the same inode numbers there are before.
  private func id(_ inums: [NamespaceSlot: UInt32], _ number: UInt64 = 0) -> String {
    "\(NamespaceHash(NamespacePlace.initial.with(inums).memberships).uuid(number))"
  }

  @Test
  func
    `"automatically create and assign an ID to a process when it enters a namespace different …"`()
  {
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
    #expect(run.lines.last == "set \(id([.net: 101])) opid 4 <- -1")
  }

  @Test func `what is forked is in the same set`() {
    let run = run(.unshare(2, [.uts: 101]), .fork(2, 4))
    #expect(run.contid(4) == id([.uts: 101]))
    #expect(run.events.count == 1)
  }

  @Test func `"the ability to audit the switch from one container ID to another is enough"`() {
    let run = run(
      .unshare(2, [.uts: 101]), .fork(2, 4), .unshare(4, [.net: 102]), .setns(4, [.uts: 2]))
    let (first, both, last) = (id([.uts: 101]), id([.uts: 101, .net: 102]), id([.net: 102]))
    #expect(run.contid(2) == first)
    #expect(run.contid(4) == last)
    #expect(
      run.events.flatMap(\.containers).map(\.line) == [
        "set \(first) opid 2 <- -1", "set \(both) opid 4 <- \(first)",
        "set \(last) opid 4 <- \(both)", "drop -1 opid 4 <- \(both)",
      ])
  }

  @Test
  func `"which processes are in the same set of namespaces, even if … entered … (using setns)"`() {
    let run = run(
      .unshare(2, [.uts: 101, .net: 102]), .setns(3, [.net: 102]), .setns(3, [.uts: 101]))
    let (all, some) = (id([.uts: 101, .net: 102]), id([.net: 102]))
    #expect(
      run.events.dropFirst().map(\.lines) == [
        [
          "change setns net 3: 102 <- 6 contid=\(some) cses=1 ns-contid=\(all)",
          "change assign net 3: 102 <- 102 contid=\(some) ns-contid=\(all)",
          "set \(some) opid 3 <- -1",
        ],
        [
          "change setns uts 3: 101 <- 2 contid=\(all) cses=1 ns-contid=\(all)",
          "change release net 3: 102 <- 102 contid=\(some) ns-contid=\(all)",
          "set \(all) opid 3 <- \(some)", "drop -1 opid 3 <- \(some)",
        ],
      ])
  }

  @Test func `setns into all of a set at once is one switch`() {
    let run = run(
      .unshare(2, [.uts: 101, .net: 102]), .setns(3, [.net: 102, .uts: 101]))
    #expect([2, 3].map(run.contid) == [id([.uts: 101, .net: 102]), id([.uts: 101, .net: 102])])
    #expect(
      run.events.last?.containers.map(\.line) == [
        "set \(id([.uts: 101, .net: 102])) opid 3 <- -1"
      ])
  }

  @Test func `what a task holds for its children is not what it is in`() {
    let pid = run(
      .unshare(2, [.pidChildren: 101]), .clone(2, 4, [.pid: 101, .pidChildren: 101]))
    #expect([2, 4].map(pid.contid) == ["-1", id([.pid: 101])])
    #expect(
      pid.events.flatMap(\.containers).map(\.line) == ["set \(id([.pid: 101])) opid 4 <- -1"])
    let time = run(.unshare(2, [.timeChildren: 101]), .exec(2, [.time: 101]))
    #expect(time.events[0].containers.isEmpty)
    #expect(
      time.events[1].lines == [
        "change exec time 2: 101 <- 8 contid=\(id([.time: 101]))",
        "change assign time 2: 101 <- 101 contid=\(id([.time: 101]))",
        "set \(id([.time: 101])) opid 2 <- -1",
      ])
  }

  @Test func `a move within a container's own namespaces begins no session`() {
    let run = run(
      .unshare(2, [.uts: 101, .timeChildren: 102]), .exec(2, [.time: 102]),
      .unshare(2, [.pidChildren: 103]), .clone(2, 4, [.pid: 103, .pidChildren: 103]))
    #expect(run.events.flatMap(\.records).filter(\.isMembership).allSatisfy { $0.session == 0 })
  }

  @Test func `the host's own set has no ID, and the way back to it is a switch`() {
    let run = run(.unshare(2, [.uts: 101]), .setns(2, [.uts: 2]))
    #expect(run.contid(2) == "-1")
    #expect(
      run.events.last?.lines == [
        "change setns uts 2: 2 <- 101", "destroy setns uts 2: 101 contid=\(id([.uts: 101]))",
        "set -1 opid 2 <- \(id([.uts: 101]))", "drop -1 opid 2 <- \(id([.uts: 101]))",
      ])
  }

  @Test func `a set that was there before has its ID, which no record gives`() {
    let run = History(
      under: AutomaticPolicy(), .host, .begin, .seen(1), .seen(2, [.uts: 101]), .seen(3), .end,
      .setns(3, [.uts: 101]), .exit(3), .exit(2))
    let id = id([.uts: 101])
    #expect(
      run.events.flatMap(\.containers).map(\.line) == [
        "set \(id) opid 3 <- -1", "drop -1 opid 2 <- \(id)",
      ])
  }

  @Test func `a task that a snapshot finds elsewhere has switched`() {
    let run = run(
      .unshare(2, [.uts: 101]), .lost(1), .begin, .seen(1), .seen(8), .seen(9),
      .seen(2, [.net: 102]),
      .seen(3, [.net: 102]), .end)
    #expect([2, 3].map(run.contid) == [id([.net: 102]), id([.net: 102])])
    #expect(
      run.events.flatMap(\.containers).map(\.line) == [
        "set \(id([.uts: 101])) opid 2 <- -1",
        "set \(id([.net: 102])) opid 2 <- \(id([.uts: 101]))",
        "drop -1 opid 2 <- \(id([.uts: 101]))", "set \(id([.net: 102])) opid 3 <- -1",
      ])
  }

  @Test func `sets that live together have other IDs though a number is given again`() {
    // 2 has left 101, and has not reported it.
    let run = run(.unshare(2, [.uts: 101]), .unshare(3, [.uts: 101]), .fork(3, 4))
    #expect(
      [2, 3, 4].map(run.contid) == [id([.uts: 101]), id([.uts: 101], 1), id([.uts: 101], 1)])
    let later = self.run(
      .unshare(2, [.uts: 101]), .unshare(3, [.uts: 101]), .exit(2), .fork(3, 4), .exit(3), .exit(4),
      .fork(1, 5), .unshare(5, [.uts: 101]))
    #expect(later.contid(5) == id([.uts: 101]))
  }

  @Test func `a task that was in what a number means now has the new set's ID`() {
    // 3 entered what 2 has left, or what 1 has made: the latter, as it stayed.
    let run = run(
      .unshare(2, [.uts: 101]), .setns(3, [.uts: 101]), .fork(1, 4), .unshare(4, [.uts: 101]))
    #expect(run.contid(3) == run.contid(4))
    #expect([2, 3].map(run.contid) == [id([.uts: 101]), id([.uts: 101], 1)])
    #expect(
      run.events.flatMap(\.containers).map(\.line) == [
        "set \(id([.uts: 101])) opid 2 <- -1", "set \(id([.uts: 101])) opid 3 <- -1",
        "set \(id([.uts: 101], 1)) opid 3 <- \(id([.uts: 101]))",
        "set \(id([.uts: 101], 1)) opid 4 <- -1",
      ])
  }

  @Test func `nothing is registered`() {
    let run = run(.register(3, "5"), .unshare(3, [.uts: 102]))
    #expect(run.lines.first == "set 5 opid 3 <- -1 EPERM")
    #expect(run.contid(3) == id([.uts: 102]))
  }

  @Test func `a cgroup gives no ID`() {
    let steps = Self.start + [.unshare(2, [.uts: 101])]
    let run = History(under: AutomaticPolicy(), containers: .cgroup, steps)
    #expect(run.contid(2) == id([.uts: 101]))
    #expect(run.contid(3) == "-1")
  }

  @Test func `it ends with its last task`() {
    let run = run(.unshare(2, [.uts: 101]), .exit(2))
    #expect(run.lines.last == "drop -1 opid 2 <- \(id([.uts: 101]))")
  }
}
