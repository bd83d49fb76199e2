// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Point 8 of "Semantics": a thread other than the leader calls exec and goes on as the leader.
@Suite struct ExecByThreadTests {
  /// Process 2 with threads 2 and 3, the latter in a UTS namespace of its own.
  private static let before: [History.Step] = [
    .snapshot(1), .fork(1, 2), .thread(2, 3), .unshare(3, [.uts: 101]),
  ]

  @Test func `the leader's exit comes first`() {
    let run = History(Self.before + [.exit(2), .exec(2, by: 3), .exit(2)])
    #expect(run.lines == ["create unshare uts 3: 101 <- 2", "destroy exit uts 2: 101"])
    #expect(run.tids == [1])
  }

  @Test func `the thread is the leader afterwards, where it was`() {
    let run = History(Self.before + [.exit(2), .exec(2, by: 3)])
    #expect(run.tids == [1, 2])
    #expect(run.place(of: 2) == .initial.with([.uts: 101]))
  }

  @Test func `the leader's exit is missing`() {
    let run = History(Self.before + [.exec(2, by: 3)])
    #expect(run.lines == ["create unshare uts 3: 101 <- 2"])
    #expect(run.tids == [1, 2])
  }

  @Test func `a leader whose exit is missing lets go of its namespaces`() {
    let run = History(
      .snapshot(1), .fork(1, 2), .thread(2, 3), .unshare(2, [.net: 102]), .exec(2, by: 3))
    #expect(run.lines == ["create unshare net 2: 102 <- 6", "destroy late net 2: 102"])
    #expect(run.place(of: 2) == .initial)
  }

  @Test func `a snapshot overtakes the exit and the exec`() {
    // The walk sees thread 3, then the leader's tid again when exec has given it to the thread.
    let run = History(
      Self.before + [
        .lost(1), .begin, .seen(1), .seen(3), .at(85, .seen(2, [.uts: 101])),
        .at(80, .exit(2)), .at(82, .exec(2, by: 3)), .end,
      ])
    #expect(run.tids == [1, 2])
    #expect(run.place(of: 2) == .initial.with([.uts: 101]))
    #expect(
      run.lines == [
        "create unshare uts 3: 101 <- 2", "lost 1 fork", "change resync uts 2: 101 <- 2",
        "lost 1 all resynced",
      ])
  }

  @Test func `the leader that a thread becomes is where the walk saw the thread`() throws {
    let run = History(
      Self.before + [
        .lost(1), .begin, .seen(1), .at(85, .seen(3, [.uts: 101])), .at(80, .exit(2)),
        .at(82, .exec(2, by: 3)),
      ])
    #expect(run.tids == [1, 2])
    let found = run.state.tasks.find(2)
    let index = try #require(found)
    #expect(run.state.tasks.walk(at: index) == 2)
  }

  @Test func `a snapshot overtakes the exec and not the exit`() {
    let run = History(
      Self.before + [
        .lost(1), .begin, .seen(1), .seen(3), .exit(2), .at(95, .seen(2, [.uts: 101])),
        .at(92, .exec(2, by: 3)), .end,
      ])
    #expect(run.tids == [1, 2])
    #expect(
      run.lines == ["create unshare uts 3: 101 <- 2", "lost 1 fork", "lost 1 all resynced"])
  }

  @Test func `a leader's exit that a snapshot overtakes ends nothing of the new leader`() {
    let run = History(
      .snapshot(1), .fork(1, 2), .lost(1), .begin, .seen(1), .at(85, .seen(2, [.uts: 101])),
      .at(80, .exit(2)), .at(82, .exec(2, by: 3)), .end)
    #expect(
      run.lines == ["lost 1 fork", "create resync uts 2: 101 <- 2", "lost 1 all resynced"])
    #expect(run.place(of: 2) == .initial.with([.uts: 101]))
  }

  @Test func `an exec that a snapshot overtakes ends nothing that came behind it`() {
    let run = History(
      Self.before + [
        .lost(1), .begin, .seen(1), .seen(3), .exit(2), .at(95, .seen(2, [.uts: 101, .net: 102])),
        .at(92, .exec(2, by: 3)), .at(94, .unshare(2, [.net: 102])), .end,
      ])
    #expect(
      run.lines == [
        "create unshare uts 3: 101 <- 2", "lost 1 fork", "create resync net 2: 102 <- ?",
        "lost 1 all resynced",
      ])
    #expect(run.tids == [1, 2])
  }

  @Test func `a walk that has passed the leader's tid does not miss the thread`() {
    let run = History(
      Self.before + [.exit(2), .lost(1), .begin, .seen(1), .exec(2, by: 3), .end])
    #expect(
      run.lines == ["create unshare uts 3: 101 <- 2", "lost 1 fork", "lost 1 all resynced"])
    #expect(run.place(of: 2) == .initial.with([.uts: 101]))
  }

  @Test func `a thread that was not known is seen at its exec`() {
    let run = History(.snapshot(1), .at(15, .fork(1, 2)), .exit(2), .exec(2, by: 3))
    #expect(run.lines == [])
    #expect(run.place(of: 2) == .initial)
  }

  @Test(arguments: [0, TaskNumber.limit, .max])
  func `an impossible tid takes nothing over`(_ tid: UInt32) {
    var exec = nst_exec()
    exec.subject.task = nst_task_id(start_ns: 1, tid: tid, tgid: 2)
    exec.old_tid = 2
    var tracker = Tracker(sink: CollectingSink())
    tracker.fork(
      nst_fork(
        hdr: nst_header(), child: nst_task_id(start_ns: 0, tid: 2, tgid: 2), parent_tid: 1,
        container: 0))
    tracker.exec(exec, exe: RawSpan(), proctitle: RawSpan())
    #expect(tracker.state.tasks.sorted.map(\.tid) == [2])
    #expect(tracker.state.checkInvariants() == [])
  }
}
