// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Point 14 of "Semantics", and what else a snapshot and the live records say of one another.
@Suite struct SnapshotTests {
  @Test func `14 nothing is written before the first snapshot is complete`() {
    let run = History(
      .fork(1, 2), .unshare(2, [.uts: 101]), .begin, .seen(1), .unshare(1, [.net: 102]),
      .begin, .seen(1), .seen(2), .unshare(1, [.net: 103]), .end, .unshare(1, [.net: 104]))
    #expect(
      run.events.map(\.lines) == [
        ["create unshare net 1: 104 <- 103", "destroy unshare net 1: 103"]
      ])
    #expect(run.events.map(\.serial) == [1])
    #expect(run.namespaces == ["uts 101", "net 104"])
  }

  @Test func `14 a task is there twice: forked, and seen by the walk`() {
    let run = History(.begin, .seen(1), .fork(1, 2), .seen(2), .end, .exit(2))
    #expect(run.lines == [])
    #expect(run.tids == [1])
  }

  @Test func `14 a task is there twice: seen by the walk before its fork is read`() {
    let run = History(
      .begin, .seen(1), .at(30, .seen(2, [:], start: 25)), .at(25, .fork(1, 2, start: 25)), .end)
    #expect(run.tids == [1, 2])
    #expect(run.state.sets.count == 1)
  }

  @Test func `14 a task has exited before the walk came to it`() {
    let run = History(.begin, .seen(1), .fork(1, 2), .exit(2), .end)
    #expect(run.tids == [1])
  }

  @Test func `14 a task exits unseen between its fork and the end of the walk`() {
    let run = History(.fork(1, 2), .begin, .seen(1), .end)
    #expect(run.tids == [1])
  }

  @Test func `14 a task forked during the walk stays though the walk had passed its tid`() {
    let run = History(.begin, .seen(1), .seen(5), .fork(1, 2), .end)
    #expect(run.tids == [1, 2, 5])
    #expect(run.place(of: 2) == .initial)
  }

  @Test func `14 a snapshot older than an event does not undo it`() {
    let run = History(
      .snapshot(1, 2), .begin, .at(50, .unshare(2, [.uts: 101])), .at(40, .seen(2, [:])), .seen(1),
      .end)
    #expect(run.lines == ["create unshare uts 2: 101 <- 2"])
    #expect(run.place(of: 2) == .initial.with([.uts: 101]))
  }

  @Test func `14 an event older than a snapshot does not undo it`() {
    let run = History(
      .snapshot(1, 2), .lost(1), .begin, .seen(1), .at(60, .seen(2, [.uts: 102])),
      .at(52, .call(NST_OP_UNSHARE, 2, [.uts: 101], flags: NamespaceKind.uts.cloneFlag)),
      .at(54, .call(NST_OP_UNSHARE, 2, [.uts: 102], flags: NamespaceKind.uts.cloneFlag)), .end)
    #expect(
      run.lines == ["lost 1 fork", "create resync uts 2: 102 <- 2", "lost 1 all resynced"])
  }

  @Test func `a child forked before the move that a snapshot saw is not where its parent is now`() {
    let run = History(
      .snapshot(1, 2), .lost(1), .begin, .seen(1), .at(60, .seen(2, [.uts: 101])),
      .at(50, .fork(2, 3)), .at(55, .unshare(2, [.uts: 101])), .at(57, .fork(2, 4)),
      .at(65, .seen(3, [:])), .at(66, .seen(4)), .end)
    #expect(
      run.lines == ["lost 1 fork", "create resync uts 2: 101 <- 2", "lost 1 all resynced"])
    #expect(run.place(of: 3) == .initial)
    #expect(run.place(of: 4) == .initial.with([.uts: 101]))
  }

  @Test func `a child forked before the move that a snapshot saw waits for its own record`() {
    let run = History(
      .snapshot(1, 2), .lost(1), .begin, .seen(1), .at(60, .seen(2, [.uts: 101])),
      .at(50, .fork(2, 3)), .at(55, .unshare(2, [.uts: 101])), .at(57, .fork(2, 4)))
    #expect(run.place(of: 3) == nil)
    #expect(run.place(of: 4) == .initial.with([.uts: 101]))
  }

  @Test func `of a parent that a snapshot saw elsewhere clone makes what it was asked for`() {
    let run = History(
      .snapshot(1, 2), .unshare(2, [.net: 104]), .lost(1), .begin, .seen(1),
      .at(100, .seen(2, [:])), .end, .late(2, [.net: 104]),
      .at(60, .clone(2, 3, [.uts: 102])))
    #expect(run.lines.suffix(2) == ["create clone uts 3: 102 <- ?", "create late net 3: 104 <- ?"])
  }

  @Test func `a child forked before a snapshot saw its parent where it was stays with it`() {
    let run = History(
      .snapshot(1, 2), .unshare(2, [.uts: 101]), .begin, .seen(1), .at(60, .seen(2)),
      .at(50, .fork(2, 3)), .end)
    #expect(run.place(of: 3) == .initial.with([.uts: 101]))
  }

  @Test func `a tid's next owner, seen first, is not undone by the birth of the last`() {
    let run = History(
      .snapshot(1), .lost(1), .begin, .seen(1), .at(60, .seen(2, [.uts: 101], start: 55)),
      .at(50, .fork(1, 2, start: 50)), .at(53, .exit(2, start: 50)),
      .at(55, .fork(1, 2, start: 55)), .end)
    #expect(
      run.lines == ["lost 1 fork", "create resync uts 2: 101 <- ?", "lost 1 all resynced"])
    #expect(run.place(of: 2) == .initial.with([.uts: 101]))
  }

  @Test func `a fork is not of the parent's tid's next owner`() {
    let run = History(
      .begin, .seen(1), .at(60, .seen(2, [.uts: 101], start: 55)), .at(50, .fork(2, 3)), .end)
    #expect(run.tids == [1, 2, 3])
    #expect(run.place(of: 3) == nil)
  }

  @Test func `an end without a beginning is one`() {
    #expect(History(.end, .late(2, [.uts: 101])).lines.contains("create late uts 2: 101 <- ?"))
  }
}
