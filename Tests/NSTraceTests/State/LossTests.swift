// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

@Suite struct LossTests {
  @Test func `what a loss hid is found by the snapshot behind it`() {
    let run = History(
      .snapshot(1, 2, 3), .unshare(2, [.uts: 101]), .unshare(3, [.net: 102]), .lost(3, since: 25),
      .begin, .seen(1, [.ipc: 103]), .seen(2, [:]), .seen(4, [.uts: 104]), .end,
      .unshare(1, [.mnt: 105]))
    #expect(
      run.events.map(\.lines) == [
        ["create unshare uts 2: 101 <- 2"],
        ["create unshare net 3: 102 <- 6"],
        ["lost 3 fork"],
        ["create resync ipc 1: 103 <- 3"],
        ["change resync uts 2: 2 <- 101", "destroy resync uts 2: 101"],
        ["create resync uts 4: 104 <- ?"],
        ["destroy resync net 3: 102"],
        ["lost 3 all resynced"],
        ["create unshare mnt 1: 105 <- 1"],
      ])
    #expect(run.events.map(\.serial) == Array(1...9))
    #expect(run.tids == [1, 2, 4])
    #expect(run.counters == TrackerCounters(events: 9, lost: 3, unknown: 0))
  }

  @Test func `losses of several kinds are told one by one, and together when all is well`() {
    let run = History(
      .snapshot(1), .clock(offset: 1000), .lost(3, NST_KIND_FORK, since: 25),
      .lost(4, NST_KIND_EXIT, since: 25), .snapshot(1), .lost(1, NST_KIND_EXEC, since: 60))
    #expect(run.lines == ["lost 3 fork", "lost 4 exit", "lost 7 all resynced", "lost 1 exec"])
    #expect(run.events.map { $0.lost?.sinceNs } == [1025, 1025, 1025, 1060])
    #expect(run.counters.lost == 8)
  }

  @Test func `why records are missing is told with them, and no cause with the resync`() {
    let run = History(
      .snapshot(1), .lost(3, NST_KIND_SWITCH, flags: NST_LOST_SKIPPED),
      .lost(1, NST_KIND_SWITCH, flags: NST_LOST_OFF), .lost(2), .snapshot(1))
    #expect(run.events.map { $0.lost?.cause } == [.skipped, .off, .full, .full])
    #expect(run.counters.lost == 6)
  }

  @Test func `sets that could not be kept are told, and the state stays whole`() {
    let run = History(
      .snapshot(1), .lost(3, NST_KIND_TASK, since: 25, flags: NST_LOST_STORAGE),
      .unshare(1, [.uts: 101]), .lost(2, NST_KIND_TASK, since: 40, flags: NST_LOST_STORAGE),
      .snapshot(1))
    #expect(
      run.lines.filter { $0.hasPrefix("lost") } == ["lost 3 task", "lost 2 task"])
    #expect(run.events.compactMap(\.lost?.cause) == [.storage, .storage])
    #expect(run.events.compactMap(\.lost?.sinceNs) == [25, 40])
    #expect(run.counters.lost == 0)
  }

  @Test(arguments: [NST_LOST_UNEXPLAINED, NST_LOST_STORAGE, NST_LOST_FORGOTTEN])
  func `a cause of which no record is missing is told, and not counted as lost`(flag: Int32) {
    let run = History(.snapshot(1), .lost(3, NST_KIND_TASK, flags: flag), .lost(2))
    #expect(run.lines == ["lost 3 task", "lost 2 fork"])
    #expect(run.counters.lost == 2)
  }

  /// Others' tasks are where they were, so no snapshot has to mend the state.
  @Test func `what a share was held back is told with its owner, and the state stays whole`() throws
  {
    let run = History(
      .snapshot(1), .cgroup(7, "/user.slice"), .suppressed(3, in: 7, since: 25),
      .suppressed(2, NST_KIND_CLONE, uid: .max, in: 0), .suppressed(1, in: 8), .snapshot(1))
    #expect(run.lines == ["lost 3 switch", "lost 2 clone", "lost 1 switch"])
    #expect(run.events.map { $0.lost?.cause } == [.share, .share, .share])
    let path = BoundedText(Array("/user.slice".utf8))
    #expect(
      run.events.map { $0.lost?.share } == [
        LostShare(uid: 1000, cgroup: path), LostShare(uid: nil, cgroup: BoundedText()),
        LostShare(uid: 1000, cgroup: BoundedText()),
      ])
    #expect(run.events.first?.lost?.sinceNs == 25)
    #expect(run.counters.lost == 6)
  }

  @Test func `a task whose change was held back is right again by its next record`() {
    let run = History(
      .snapshot(1, 2), .suppressed(1), .late(1, [.uts: 101]), .unshare(1, [.uts: 102]), .exit(1))
    #expect(
      run.lines == [
        "lost 1 switch", "create late uts 1: 101 <- 2", "create unshare uts 1: 102 <- 101",
        "destroy unshare uts 1: 101", "destroy exit uts 1: 102",
      ])
  }

  @Test func `a snapshot without a loss says nothing of one`() {
    #expect(History(.snapshot(1), .snapshot(1)).lines == [])
  }

  @Test func `a loss before the first snapshot is complete is told with its end`() {
    let run = History(.begin, .lost(2), .seen(1), .end)
    #expect(run.lines == ["lost 2 all resynced"])
  }

  @Test func `events during a resync are written`() {
    let run = History(
      .snapshot(1, 2), .lost(1), .begin, .seen(1), .unshare(2, [.uts: 101]), .seen(2), .end)
    #expect(
      run.lines == ["lost 1 fork", "create unshare uts 2: 101 <- 2", "lost 1 all resynced"])
  }

  @Test func `a parent that is not known leaves its child's place open`() {
    let run = History(.snapshot(1), .fork(9, 2), .exit(2), .fork(9, 3))
    #expect(run.lines == [])
    #expect(run.tids == [1, 3])
    #expect(run.place(of: 3) == nil)
    #expect(run.state.sets.count == 1)
  }

  @Test func `a task whose place was not known has not moved when it is found`() {
    let run = History(.snapshot(1), .fork(9, 3), .late(3, [.uts: 101]))
    #expect(run.lines == ["create late uts 3: 101 <- ?"])
  }

  @Test func `a clone by a task that is not known says where the child is`() {
    let run = History(.snapshot(1), .clone(9, 3, [.uts: 101]))
    #expect(run.lines == ["create clone uts 3: 101 <- ?"])
    #expect(run.place(of: 3) == .initial.with([.uts: 101]))
  }

  @Test func `a call by a task that is not known says where it is`() {
    let run = History(.snapshot(1), .unshare(9, [.uts: 101]))
    #expect(run.lines == ["create unshare uts 9: 101 <- ?"])
    #expect(run.place(of: 9) == .initial.with([.uts: 101]))
  }
}
