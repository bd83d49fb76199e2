// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// What the stream says about itself, and what nothing can be made of.
@Suite struct StreamTests {
  @Test func `a step of the clock moves what comes behind it`() {
    let run = History(
      .clock(offset: 1000), .snapshot(1, 2), .unshare(1, [.uts: 101]), .clock(offset: -5),
      .unshare(1, [.uts: 102]))
    #expect(run.events.map(\.timeNs) == [1030, 45])
  }

  @Test(arguments: [Int64.min, .max])
  func `a clock beyond all bounds is no end`(_ offset: Int64) {
    let run = History(
      .clock(offset: offset), .snapshot(1, 2), .at(.max, .unshare(1, [.uts: 101])))
    #expect(run.events.map(\.timeNs) == [offset &- 1])
  }

  @Test func `unknown kinds are counted`() {
    let run = History(.kind(63), .kind(0), .kind(.max), .snapshot(1))
    #expect(run.counters == TrackerCounters(events: 0, lost: 0, unknown: 3))
    #expect(run.tids == [1])
  }

  @Test(arguments: [0, 1 << 22, .max])
  func `a tid that no kernel gives is not believed`(_ tid: UInt32) {
    let run = History(
      .snapshot(1), .fork(1, tid), .clone(1, tid, [.uts: 101]), .unshare(tid, [.uts: 101]),
      .exec(tid, [.uts: 101]), .late(tid, [.uts: 101]), .exit(tid))
    #expect(run.lines == [])
    #expect(run.tids == [1])
    #expect(run.namespaces == [])
  }

  @Test func `the largest tid is believed`() {
    let run = History(.snapshot(1), .fork(1, 1 << 22 - 1))
    #expect(run.tids == [1, 1 << 22 - 1])
  }

  @Test func `a fork that is there twice is one`() {
    let run = History(
      .snapshot(1, 9), .unshare(1, [.uts: 101]), .fork(1, 2, start: 30),
      .fork(1, 2, start: 30), .exit(2), .exit(1))
    #expect(run.tids == [9])
    #expect(run.lines == ["create unshare uts 1: 101 <- 2", "destroy exit uts 1: 101"])
  }

  @Test func `a task that forks itself is another, of a parent that is gone`() {
    let run = History(
      .snapshot(1, 9), .unshare(1, [.uts: 101]), .fork(1, 1), .exit(1), .exit(9))
    #expect(run.lines.prefix(2) == ["create unshare uts 1: 101 <- 2", "destroy late uts 1: 101"])
    #expect(run.tids == [])
    #expect(run.state.namespaces.used == 0)
  }

  @Test func `an exit says who it was, or who it was last known to be`() {
    let run = History(
      .snapshot(1), .clone(1, 2, [.uts: 101]), .clone(1, 3, [.uts: 102]), .exitWithSubject(2),
      .exit(3))
    #expect(run.lines.suffix(2) == ["destroy exit uts 2: 101", "destroy exit uts 3: 102"])
    #expect(run.events.map(\.actor) == [1, 1, 2, 3])
  }

  @Test func `of more unused namespaces than the limit the oldest are forgotten`() throws {
    let limit = UInt32(NamespaceTable.tombstoneLimit)
    var tracker = Tracker(sink: CollectingSink())
    var event = nst_switch()
    event.subject.task = nst_task_id(start_ns: 1, tid: 2, tgid: 2)
    event.call.op = NST_OP_UNSHARE.rawValue
    event.call.flags = NamespaceKind.uts.cloneFlag
    // All but the last are unused then, two more than are remembered.
    for inum in 101...103 + limit {
      event.hdr.time_ns += 1
      event.set = NamespacePlace.initial.with([.uts: inum]).wire
      tracker.switchNamespaces(event, proctitle: RawSpan())
    }
    #expect(tracker.state.namespaces.count == 8 + Int(limit))
    #expect(tracker.state.namespaces.unused.map(\.inum) == Array(103...102 + limit))
    #expect(tracker.state.checkInvariants() == [])
  }
}
