// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Container sessions (T4): 0 for the registered process and what it forks, a number of its own for
/// each task that comes into a container's namespace from outside.
@Suite struct ContainerSessionTests {
  /// Tasks 2 and 3 in namespaces of their own; 2 is in container 5. Task 4 is the host's.
  private static let start: [History.Step] = [
    .host, .snapshot(1, 9), .clone(1, 2, [.net: 101, .uts: 111]), .clone(1, 3, [.net: 102]),
    .register(2, "5"), .fork(1, 4),
  ]

  private func run(_ steps: History.Step...) -> History { History(Self.start + steps) }

  private func sessions(_ run: History) -> [UInt32?] {
    run.events.last?.records.map(\.session) ?? []
  }

  @Test func `the registered process and what it forks have session 0`() {
    #expect(sessions(run(.unshare(2, [.ipc: 103]))) == [0])
    #expect(sessions(run(.fork(2, 6), .unshare(6, [.uts: 103]))) == [0])
  }

  @Test func `what has nothing to do with a container has none`() {
    #expect(sessions(run(.unshare(4, [.uts: 103]))) == [nil])
  }

  @Test func `each that enters from outside has a number of its own, inherited by its forks`() {
    let run = run(
      .fork(1, 6), .setns(4, [.net: 101]), .setns(6, [.net: 101]), .fork(4, 7),
      .unshare(7, [.ipc: 103]), .unshare(6, [.ipc: 104]))
    #expect(
      run.events.suffix(4).flatMap(\.lines) == [
        "change setns net 4: 101 <- 6 cses=1 ns-contid=5",
        "change setns net 6: 101 <- 6 cses=2 ns-contid=5",
        "create unshare ipc 7: 103 <- 3 cses=1",
        "create unshare ipc 6: 104 <- 3 cses=2",
      ])
  }

  @Test func `one that enters more of the same container's namespaces stays in its session`() {
    let run = run(.setns(4, [.net: 101]), .setns(4, [.uts: 111]))
    #expect(run.events.last?.lines == ["change setns uts 4: 111 <- 2 cses=1 ns-contid=5"])
  }

  @Test func `one that goes on into another container has another session`() {
    let run = run(.register(3, "6"), .setns(4, [.net: 101]), .setns(4, [.net: 102]))
    #expect(run.events.last?.lines == ["change setns net 4: 102 <- 101 cses=2 ns-contid=6"])
  }

  @Test func `a call that enters two containers at once begins one session`() {
    let run = run(
      .register(3, "6"), .unshare(2, [.uts: 112]), .setns(4, [.net: 102, .uts: 112]),
      .fork(4, 6), .setns(6, [.net: 101]))
    #expect(
      run.events.suffix(2).map(\.lines) == [
        [
          "change setns uts 4: 112 <- 2 cses=1 ns-contid=5",
          "change setns net 4: 102 <- 6 cses=1 ns-contid=6",
        ], ["change setns net 6: 101 <- 102 cses=1 ns-contid=5"],
      ])
    #expect(run.state.sessions.count == 1)
  }

  @Test func `a namespace that two containers share is inside for both`() {
    let run = run(
      .register(3, "6"), .setns(3, [.net: 101]), .fork(3, 6), .setns(6, [.uts: 111]),
      .exit(6), .fork(2, 7), .setns(7, [.net: 101]))
    // 3 came from container 6 into 5: a session. 2's child has never left its own.
    #expect(run.lines.contains("change setns net 3: 101 <- 102 contid=6 cses=1 ns-contid=5"))
    #expect(run.contid(7) == "5")
    #expect(run.state.sessions.count == 1)
  }

  @Test func `the host's own namespaces are no container's inside`() {
    let run = run(
      .fork(2, 6), .setns(6, [.net: 6]), .unshare(4, [.net: 105]), .setns(4, [.net: 6]))
    #expect(
      run.events.last?.lines == [
        "change setns net 4: 6 <- 105", "destroy setns net 4: 105",
      ])
    #expect(sessions(run) == [nil, nil])
  }

  @Test func `it outlives the container, and is forgotten with its last task`() {
    let run = run(.setns(4, [.net: 101]), .exit(2), .unshare(4, [.uts: 103]))
    #expect(sessions(run) == [1])
    #expect(run.state.sessions.count == 1)
    #expect(self.run(.setns(4, [.net: 101]), .exit(4)).state.sessions.count == 0)
  }

  @Test func `a registration ends it`() {
    let run = run(.setns(4, [.net: 101]), .register(4, "7"), .unshare(4, [.uts: 103]))
    #expect(sessions(run) == [0])
  }

  @Test func `who is seen late in a container's namespace has come from outside`() {
    let run = run(.late(4, [.net: 101]), .unshare(4, [.uts: 103]))
    #expect(run.events.last?.lines == ["create unshare uts 4: 103 <- 2 cses=1"])
  }

  @Test func `what the kernel refuses to one in a session says which`() {
    let run = run(.setns(4, [.net: 101]), .refused(NST_OP_UNSHARE, 4, [.uts]))
    #expect(run.events.last?.lines == ["create unshare uts 4: ? <- 2 refused cses=1"])
  }
}
