// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

@Suite struct VerificationTests {
  /// One task as a walk sees it.
  struct Seen {
    var tid: UInt32
    var startNs: UInt64
    var place = NamespacePlace.initial
    var timeNs: UInt64 = 1000
  }

  /// What a walk that began at 900 and saw these tasks finds wrong with a state.
  private func differences(
    _ run: History, _ tasks: [Seen], beganAt: UInt64 = 900
  ) throws -> [TaskDifference] {
    var verification = Verification()
    verification.begin(at: beganAt)
    for task in tasks {
      var record = nst_task()
      record.hdr.time_ns = task.timeNs
      record.subject.task = nst_task_id(start_ns: task.startNs, tid: task.tid, tgid: task.tid)
      record.set = task.place.wire
      var encoder = RecordEncoder()
      encoder.append(record, tail: [])
      try verification.add(RecordBatch(encoder.bytes))
    }
    #expect(verification.taskCount == tasks.count)
    return verification.differences(from: run.state)
  }

  private let run = History(.snapshot(1, 2, 3), .unshare(2, [.uts: 101]), .exit(3))

  @Test func `where all is as the walk saw it nothing differs`() throws {
    let found = try differences(
      run, [Seen(tid: 1, startNs: 1), Seen(tid: 2, startNs: 2, place: .initial.with([.uts: 101]))])
    #expect(found == [])
  }

  @Test func `a task that is elsewhere, one that nobody knows, and one that has gone`() throws {
    let found = try differences(
      run, [Seen(tid: 1, startNs: 1, place: .initial.with([.net: 102])), Seen(tid: 4, startNs: 4)])
    let host = NamespacePlace.initial[.net]
    #expect(
      found == [
        TaskDifference(
          tid: 1, startNs: 1,
          what: .elsewhere(tracked: host, kernel: NamespaceID(kind: .net, inum: 102, nsid: 0))),
        TaskDifference(tid: 2, startNs: 2, what: .gone),
        TaskDifference(tid: 4, startNs: 4, what: .unknown),
      ])
    #expect(
      found.map(\.description) == [
        "task 1 is in net 102, not \(host.inum)", "task 2 has gone", "task 4 was not known",
      ])
  }

  @Test func `a tid that has been given away again is not the task that was known`() throws {
    let found = try differences(
      run, [Seen(tid: 1, startNs: 77), Seen(tid: 2, startNs: 2, place: .initial.with([.uts: 101]))])
    #expect(found == [TaskDifference(tid: 1, startNs: 77, what: .unknown)])
  }

  @Test func `what the stream told later than the walk saw is not held against it`() throws {
    // 2 moved at 20 (the second step): the walk saw it before.
    let earlier = [Seen(tid: 1, startNs: 1, timeNs: 15), Seen(tid: 2, startNs: 2, timeNs: 15)]
    #expect(try differences(run, earlier, beganAt: 12) == [])
    // And at its beginning the task had not moved yet, so that its absence means nothing.
    #expect(try differences(run, [Seen(tid: 1, startNs: 1, timeNs: 15)], beganAt: 12) == [])
    #expect(
      try differences(run, [Seen(tid: 1, startNs: 1)], beganAt: 21).map(\.what) == [.gone])
  }

  @Test func `a task of which only an old place is known differs`() throws {
    // It came between two snapshots, of a parent that nobody had seen: nothing says where it is.
    let run = History(.snapshot(1), .refused(NST_OP_SETNS, 8, []))
    #expect(run.tids == [1, 8])
    let found = try differences(
      run, [Seen(tid: 1, startNs: 1), Seen(tid: 8, startNs: 8, place: .initial.with([.ipc: 103]))])
    #expect(found.map(\.description) == ["task 8 is in ipc 103, not 3"])
  }
}
