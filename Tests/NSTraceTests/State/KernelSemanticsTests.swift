// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// The points of "Semantics" in the facts about the kernel, in their order.
@Suite struct KernelSemanticsTests {
  @Test func `1 namespaces hang on threads`() {
    let run = History(
      .snapshot(1), .fork(1, 2), .thread(2, 3), .unshare(3, [.uts: 101]), .exit(3))
    #expect(run.lines == ["create unshare uts 3: 101 <- 2", "destroy exit uts 3: 101"])
    #expect(run.place(of: 2) == .initial)
  }

  @Test(arguments: NamespaceSlot.allCases)
  func `2 each of the ten slots is a use`(_ slot: NamespaceSlot) {
    let run = History(.snapshot(1), .fork(1, 2), .setns(2, [slot: 101]), .exit(2))
    let kind = slot.kind
    #expect(
      run.lines == [
        "create setns \(kind) 2: 101 <- \(kind.rawValue + 1)", "destroy exit \(kind) 2: 101",
      ])
    #expect(run.namespaces == [])
  }

  @Test func `2 what both slots of a kind move to is told once`() {
    let run = History(
      .snapshot(1), .clone(1, 2, [.pid: 101, .pidChildren: 101, .time: 102, .timeChildren: 102]),
      .exit(2))
    #expect(
      run.lines == [
        "create clone pid 2: 101 <- 4", "create clone time 2: 102 <- 8",
        "destroy exit pid 2: 101", "destroy exit time 2: 102",
      ])
  }

  @Test func `3 after unshare of pid the first child is in it`() {
    let run = History(
      .snapshot(1), .fork(1, 2), .unshare(2, [.pidChildren: 101]),
      .clone(2, 3, [.pid: 101]), .exit(3), .exit(2))
    #expect(
      run.lines == [
        "create unshare pid 2: 101 <- 4", "change clone pid 3: 101 <- 4",
        "destroy exit pid 2: 101",
      ])
  }

  @Test func `3 setns to a pid namespace moves what the children get`() {
    let run = History(
      .snapshot(1), .clone(1, 2, [.pid: 101, .pidChildren: 101]), .setns(1, [.pidChildren: 101]),
      .exit(2))
    #expect(run.lines == ["create clone pid 2: 101 <- 4", "change setns pid 1: 101 <- 4"])
    #expect(run.place(of: 1) == .initial.with([.pidChildren: 101]))
  }

  @Test func `3 setns away and back to its own pid namespace is told both times`() {
    let run = History(
      .snapshot(1), .clone(1, 2, [.pid: 101, .pidChildren: 101]), .setns(2, [.pidChildren: 4]),
      .setns(2, [.pidChildren: 101]))
    #expect(
      run.lines == [
        "create clone pid 2: 101 <- 4", "change setns pid 2: 4 <- 101",
        "change setns pid 2: 101 <- 4",
      ])
  }

  @Test func `4 after unshare of time the task moves at exec`() {
    let run = History(
      .snapshot(1), .fork(1, 2), .unshare(2, [.timeChildren: 101]), .exec(2, [.time: 101]),
      .unshare(2, [.timeChildren: 102]), .exec(2, [.time: 102]))
    #expect(
      run.lines == [
        "create unshare time 2: 101 <- 8", "change exec time 2: 101 <- 8",
        "create unshare time 2: 102 <- 101",
        "change exec time 2: 102 <- 101", "destroy exec time 2: 101",
      ])
  }

  @Test func `4 after unshare of time the children are in it`() {
    let run = History(
      .snapshot(1), .unshare(1, [.timeChildren: 101]), .clone(1, 2, [.time: 101]))
    #expect(run.lines == ["create unshare time 1: 101 <- 8", "change clone time 2: 101 <- 8"])
  }

  @Test func `5 setns moves several kinds at once, the user namespace by credentials`() {
    let run = History(
      .snapshot(1, 2, 9), .unshare(1, [.net: 103, .uts: 101, .user: 102]),
      .setns(2, [.net: 103, .uts: 101, .user: 102]))
    #expect(
      run.events.map(\.lines) == [
        [
          "create unshare uts 1: 101 <- 2", "create unshare user 1: 102 <- 5",
          "create unshare net 1: 103 <- 6",
        ],
        [
          "change setns uts 2: 101 <- 2", "change setns user 2: 102 <- 5",
          "change setns net 2: 103 <- 6",
        ],
      ])
  }

  @Test func `6 an inode number goes from one kind to another`() {
    let run = History(
      .snapshot(1, 2, 9), .unshare(1, [.mnt: 101]), .exit(1), .unshare(2, [.user: 101]))
    #expect(
      run.lines == [
        "create unshare mnt 1: 101 <- 1", "destroy exit mnt 1: 101",
        "create unshare user 2: 101 <- 5",
      ])
    #expect(run.namespaces == ["user 101"])
  }

  @Test func `6 an inode number of the same kind is a new generation`() {
    let first: [History.Step] = [.snapshot(1, 2, 3), .unshare(1, [.uts: 101])]
    let second = first + [.exit(1), .unshare(2, [.uts: 101])]
    #expect(History(first).generation(.uts, 101) == 1)
    #expect(History(second).generation(.uts, 101) == 2)
    #expect(History(second).lines.last == "create unshare uts 2: 101 <- 2")
  }

  @Test func `6 an ns_id tells one from the next, and there are no generations`() {
    let run = History(
      .snapshot(1, 2, 9), .unshare(1, [.uts: 101], nsid: 7), .unshare(2, [.uts: 101], nsid: 8),
      .exit(1))
    #expect(
      run.lines == [
        "create unshare uts 1: 101#7 <- 2", "create unshare uts 2: 101#8 <- 2",
        "destroy exit uts 1: 101#7",
      ])
    #expect(run.namespaces == ["uts 101#8"])
    #expect(run.generation(.uts, 101, nsid: 8) == 0)
  }

  @Test func `7 what no hook saw is found late, at fork`() {
    let run = History(.snapshot(1, 9), .late(1, [.uts: 101]), .fork(1, 2), .exit(1), .exit(2))
    #expect(run.lines == ["create late uts 1: 101 <- 2", "destroy exit uts 2: 101"])
  }

  @Test func `7 what no hook saw is found late, at exec`() {
    let run = History(.snapshot(1, 2), .exec(2, [.uts: 101, .time: 102, .timeChildren: 102]))
    #expect(
      run.lines == ["create late uts 2: 101 <- 2", "create exec time 2: 102 <- 8"])
  }

  @Test func `7 what no hook saw is found late, at exit`() {
    let run = History(.snapshot(1, 2), .late(2, [.uts: 101]), .exit(2))
    #expect(run.lines == ["create late uts 2: 101 <- 2", "destroy exit uts 2: 101"])
  }

  @Test func `9 a namespace ends at the exit, and a zombie does not use it`() {
    let run = History(.snapshot(1), .clone(1, 2, [.uts: 101]), .exit(2), .exit(2))
    #expect(run.lines == ["create clone uts 2: 101 <- 2", "destroy exit uts 2: 101"])
    #expect(run.events.map(\.timeNs) == [20, 30])
    #expect(run.tids == [1])
  }

  @Test func `10 a tid that is used again is another task`() {
    let run = History(
      .snapshot(1), .clone(1, 2, [.uts: 101]), .exit(2), .fork(1, 2), .exit(2, start: 20))
    #expect(run.place(of: 2) == .initial)
  }

  @Test func `10 a task whose tid is given away has exited unseen`() {
    let run = History(.snapshot(1), .clone(1, 2, [.uts: 101]), .fork(1, 2))
    #expect(run.lines == ["create clone uts 2: 101 <- 2", "destroy late uts 2: 101"])
    #expect(run.place(of: 2) == .initial)
  }

  @Test func `10 a snapshot finds a tid given away`() {
    let run = History(
      .snapshot(1), .clone(1, 2, [.uts: 101]), .lost(2), .begin, .seen(1),
      .seen(2, [.net: 102], start: 35), .end)
    #expect(
      run.lines == [
        "create clone uts 2: 101 <- 2", "lost 2 fork", "destroy late uts 2: 101",
        "create resync net 2: 102 <- ?", "lost 2 all resynced",
      ])
    #expect(run.tids == [1, 2])
  }

  @Test func `11 destroyed is not freed: it is entered again with setns`() {
    let run = History(
      .snapshot(1, 2), .unshare(1, [.net: 101]), .exit(1), .setns(2, [.net: 101]), .exit(2))
    #expect(
      run.lines.filter { $0.contains("101") } == [
        "create unshare net 1: 101 <- 6", "destroy exit net 1: 101",
        "create setns net 2: 101 <- 6", "destroy exit net 2: 101",
      ])
    #expect(run.generation(.net, 101) == 1)
  }

  @Test func `12 initial namespaces are those of the snapshot`() {
    let run = History(
      .begin, .seen(1, [.uts: 4_026_531_838]), .end, .unshare(1, [.uts: 4_026_531_839]))
    #expect(
      run.lines == [
        "create unshare uts 1: 4026531839 <- 4026531838",
        "destroy unshare uts 1: 4026531838",
      ])
  }

  @Test func `13 a namespace that nobody enters is never seen`() {
    let run = History(.snapshot(1), .refused(NST_OP_UNSHARE, 1, [.net]))
    #expect(run.lines == ["create unshare net 1: ? <- 6 refused"])
    #expect(run.namespaces == [])
    #expect(run.state.namespaces.count == 8)
  }

  @Test func `15 records are taken in the order of the ring, whatever their times`() {
    let run = History(
      .snapshot(1, 2, 9), .at(50, .unshare(1, [.uts: 101])), .at(40, .unshare(2, [.uts: 102])))
    #expect(run.lines == ["create unshare uts 1: 101 <- 2", "create unshare uts 2: 102 <- 2"])
    #expect(run.events.map(\.serial) == [1, 2])
    #expect(run.events.map(\.timeNs) == [50, 40])
  }
}
