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

  // MARK: "I think there should be a login event"

  private func passages(_ run: History) -> [String] {
    run.events.flatMap(\.sessions).map(\.line)
  }

  @Test func `who enters is recorded behind the change, with all kinds that it entered`() throws {
    let run = run(.called(4, "nsenter"), .setns(4, [.net: 101, .uts: 111]))
    let event = try #require(run.events.last)
    #expect(event.records.map(\.verb) == [.change, .change])
    #expect(event.sessions.map(\.line) == ["begin 1 in 5 opid 4 setns:uts,net"])
    #expect(event.sessions.first?.entrant == EventActor(run.subject(4)))
    #expect(event.visits.map(\.session) == [1])
  }

  @Test func `it ends with the last task of the session, as who it began with`() {
    let run = run(
      .called(4, "nsenter"), .setns(4, [.net: 101]), .fork(4, 7), .exit(4), .called(7, "sh"),
      .exec(7), .exit(7))
    #expect(passages(run) == ["begin 1 in 5 opid 4 setns:net", "end 1 in 5 opid 7 exit"])
    #expect(run.events.last?.sessions.first?.entrant?.comm == Array("nsenter".utf8))
    #expect(run.events.last?.records == [])
    #expect(run.state.sessions.count == 0)
  }

  @Test func `it ends when the last task leaves, whose last record still names it`() {
    let run = run(.setns(4, [.net: 101]), .setns(4, [.net: 6]), .unshare(4, [.uts: 103]))
    #expect(passages(run) == ["begin 1 in 5 opid 4 setns:net", "end 1 in 5 opid 4 setns:net"])
    #expect(
      run.events.suffix(2).flatMap(\.lines) == [
        "change setns net 4: 6 <- 101 cses=1", "create unshare uts 4: 103 <- 2",
      ])
    #expect(run.events.suffix(2).map(\.visits.count) == [1, 0])
  }

  @Test func `one of two that leaves does not end it`() {
    let run = run(
      .setns(4, [.net: 101]), .fork(4, 7), .setns(4, [.net: 6]), .unshare(7, [.uts: 103]),
      .setns(4, [.net: 101]))
    #expect(
      passages(run) == ["begin 1 in 5 opid 4 setns:net", "begin 2 in 5 opid 4 setns:net"])
    #expect(run.lines.contains("create unshare uts 7: 103 <- 2 cses=1"))
  }

  @Test func `who makes a namespace inside stays inside by it`() {
    let run = run(.setns(4, [.net: 101]), .unshare(4, [.net: 104]), .setns(4, [.net: 6]))
    #expect(passages(run) == ["begin 1 in 5 opid 4 setns:net", "end 1 in 5 opid 4 setns:net"])
    #expect(
      run.events.suffix(2).flatMap(\.lines) == [
        "create unshare net 4: 104 <- 101 cses=1", "change setns net 4: 6 <- 104 cses=1",
        "destroy setns net 4: 104 cses=1",
      ])
  }

  @Test func `also where no hook saw it made`() {
    let run = run(.setns(4, [.net: 101]), .late(4, [.net: 104]))
    #expect(passages(run) == ["begin 1 in 5 opid 4 setns:net"])
    #expect(run.events.last?.lines == ["create late net 4: 104 <- 101 cses=1"])
  }

  @Test func `what somebody made inside is no way in that nobody is told of`() {
    let run = run(
      .setns(4, [.net: 101]), .unshare(4, [.net: 104]), .fork(1, 6), .setns(6, [.net: 104]))
    #expect(passages(run).last == "begin 2 in 5 opid 6 setns:net")
    #expect(run.events.last?.lines == ["change setns net 6: 104 <- 6 cses=2"])
  }

  @Test func `a namespace of a container that has ended is still its inside`() {
    let run = run(.setns(4, [.net: 101]), .exit(2), .fork(1, 6), .setns(6, [.net: 101]))
    #expect(passages(run).last == "begin 2 in 5 opid 6 setns:net")
    #expect(run.lines.contains("drop -1 opid 2 <- 5"))
  }

  @Test func `a namespace that is made outside of the slots inside is outside`() {
    let run = run(
      .setns(4, [.net: 101]), .unshare(4, [.ipc: 104]), .setns(4, [.net: 6]),
      .unshare(4, [.uts: 105]))
    #expect(run.events.last?.lines == ["create unshare uts 4: 105 <- 2"])
  }

  @Test func `a registration ends it in its own event`() {
    let run = run(.setns(4, [.net: 101]), .register(4, "7"))
    #expect(passages(run).last == "end 1 in 5 opid 4 register")
    #expect(run.events.last?.containers.map(\.line) == ["set 7 opid 4 <- -1"])
  }

  @Test func `who goes on into another container ends one session and begins the next`() {
    let run = run(.register(3, "6"), .setns(4, [.net: 101]), .setns(4, [.net: 102]))
    #expect(
      run.events.last?.sessions.map(\.line) == [
        "begin 2 in 6 opid 4 setns:net", "end 1 in 5 opid 4 setns:net",
      ])
    #expect(run.events.last?.visits.map(\.session) == [1, 2])
  }

  @Test func `who enters another one from inside is inside both`() {
    let run = run(.register(3, "6"), .setns(4, [.uts: 111]), .setns(4, [.net: 102]))
    #expect(
      run.events.last?.sessions.map(\.line) == [
        "begin 2 in 5,6 opid 4 setns:net", "end 1 in 5 opid 4 setns:net",
      ])
  }

  @Test func `one call into two containers begins one session in both`() {
    let run = run(.register(3, "6"), .unshare(2, [.uts: 112]), .setns(4, [.net: 102, .uts: 112]))
    #expect(run.events.last?.sessions.map(\.line) == ["begin 1 in 5,6 opid 4 setns:uts,net"])
  }

  @Test func `a child that is born inside has the session of its parent`() {
    let run = run(
      .setns(4, [.net: 101]), .clone(4, 7, [.mnt: 120]), .exit(4), .unshare(7, [.net: 121]),
      .exit(7))
    #expect(
      run.events.suffix(3).flatMap(\.lines) == [
        "create clone mnt 7: 120 <- 1 cses=1", "create unshare net 7: 121 <- 101 cses=1",
        "destroy exit mnt 7: 120 cses=1", "destroy exit net 7: 121 cses=1",
      ])
    #expect(passages(run).last == "end 1 in 5 opid 7 exit")
  }

  @Test func `who is found inside by a walk has come in late`() {
    let late = run(.late(4, [.net: 101]))
    #expect(passages(late) == ["begin 1 in 5 opid 4 late:net late"])
    let resynced = run(.begin, .seen(1), .seen(2), .seen(3), .seen(9), .seen(4, [.net: 101]), .end)
    #expect(passages(resynced) == ["begin 1 in 5 opid 4 resync:net late"])
    let gone = run(.setns(4, [.net: 101]), .snapshot(1, 2, 3, 9))
    #expect(passages(gone).last == "end 1 in 5 opid 4 resync late")
  }

  @Test func `the first snapshot finds who is inside, one session for those who share it`() {
    let run = History(
      .host, .kept(7, "5"), .begin, .seen(1), .seen(4, [.net: 101]), .seen(3, [.net: 101]),
      .carrying(2, 7), .seen(2, [.net: 101]), .seen(9), .end, .exit(3), .exit(4))
    #expect(passages(run) == ["begin 1 in 5 opid 3 late:net late", "end 1 in 5 opid 4 exit"])
    #expect(run.events.map(\.visits.count) == [1, 1])
  }

  @Test func `a session is inside 32 containers at most`() throws {
    let sharers = (20..<60).flatMap { tid in
      [.fork(4, tid), .register(tid, "\(tid)")] as [History.Step]
    }
    let run = History(
      Self.start + [.setns(4, [.net: 101]), .fork(1, 6)] + sharers + [.setns(6, [.net: 101])])
    let session = try #require(run.events.last?.sessions.first)
    #expect(session.visit.containers.elements.count == 32)
  }

  // MARK: Visitors do not live there

  @Test(arguments: [RFCPolicy(), WriteOncePolicy()] as [any ContainerPolicy])
  func `a second one from the same container has a session, too`(_ policy: any ContainerPolicy) {
    let run = History(
      under: policy,
      Self.start + [
        .register(3, "6"), .fork(3, 6), .fork(3, 7), .setns(6, [.net: 101]), .setns(7, [.net: 101]),
      ])
    #expect(
      passages(run) == ["begin 1 in 5 opid 6 setns:net", "begin 2 in 5 opid 7 setns:net"])
  }

  @Test(arguments: [RFCPolicy(), WriteOncePolicy()] as [any ContainerPolicy])
  func `so has one that comes back, whoever of its own has stayed`(_ policy: any ContainerPolicy) {
    let run = History(
      under: policy,
      Self.start + [
        .register(3, "6"), .fork(3, 6), .setns(6, [.net: 101]), .fork(6, 7),
        .setns(6, [.net: 102]), .setns(6, [.net: 101]), .exit(7), .setns(6, [.net: 102]),
        .setns(6, [.net: 101]),
      ])
    #expect(
      passages(run) == [
        "begin 1 in 5 opid 6 setns:net", "begin 2 in 5 opid 6 setns:net",
        "end 1 in 5 opid 7 exit", "end 2 in 5 opid 6 setns:net", "begin 3 in 5 opid 6 setns:net",
      ])
  }

  @Test func `nobody comes into a visitor's own container by the visit`() {
    let run = run(
      .register(3, "6"), .fork(3, 6), .setns(6, [.net: 101]), .setns(4, [.net: 101]))
    #expect(passages(run).last == "begin 2 in 5 opid 4 setns:net")
  }

  @Test func `a visitor that is registered lives there`() {
    let run = run(.setns(4, [.net: 101]), .register(4, "7"), .fork(1, 6), .setns(6, [.net: 101]))
    #expect(passages(run).last == "begin 2 in 5,7 opid 6 setns:net")
  }

  // MARK: Containers that share a namespace, as those of a pod

  /// Tasks 2 and 5 of container 5, and 3 of container 6, in one net and each container in a mnt of its own.
  private func pod(_ steps: History.Step...) -> History {
    let start: [History.Step] = [
      .host, .snapshot(1, 9), .clone(1, 2, [.net: 101]), .fork(2, 3), .unshare(2, [.mnt: 120]),
      .unshare(3, [.mnt: 130]), .register(2, "5"), .register(3, "6"), .fork(2, 5), .fork(1, 4),
    ]
    return History(start + steps)
  }

  @Test func `who enters one and then the shared namespace has come into the others, too`() {
    #expect(
      passages(pod(.setns(4, [.mnt: 120]), .setns(4, [.net: 101]))) == [
        "begin 1 in 5 opid 4 setns:mnt", "begin 2 in 5,6 opid 4 setns:net",
        "end 1 in 5 opid 4 setns:net",
      ])
    #expect(
      passages(pod(.setns(4, [.net: 101]), .setns(4, [.mnt: 120]))) == [
        "begin 1 in 5,6 opid 4 setns:net"
      ])
  }

  @Test func `who comes home by a shared namespace is not inside the other one by it`() {
    let run = pod(
      .setns(2, [.mnt: 130]), .setns(2, [.net: 6]), .setns(2, [.net: 101]), .setns(2, [.mnt: 120]))
    #expect(passages(run) == ["begin 1 in 6 opid 2 setns:mnt", "end 1 in 6 opid 2 setns:mnt"])
  }

  // MARK: "you go deeper but never out" (T3)

  /// Task 2 is in container 1, its child 3 in container 2 within, with a mnt of its own.
  private func nested(_ steps: History.Step...) -> History {
    let start: [History.Step] = [
      .host, .snapshot(1, 9), .clone(1, 2, [.net: 101]), .register(2, "1"), .fork(2, 3),
      .unshare(3, [.mnt: 130]), .register(3, "2"), .fork(2, 4), .fork(1, 5),
    ]
    return History(under: NestedPolicy(), start + steps)
  }

  @Test func `who enters a nested container from the one around it has a session`() {
    #expect(passages(nested(.setns(4, [.mnt: 130]))) == ["begin 1 in 2 opid 4 setns:mnt"])
    #expect(passages(nested(.setns(5, [.mnt: 130]))) == ["begin 1 in 1,2 opid 5 setns:mnt"])
  }

  @Test func `the container around it is home to a nested one`() {
    #expect(passages(nested(.unshare(4, [.uts: 140]), .setns(3, [.uts: 140]))) == [])
  }
}
