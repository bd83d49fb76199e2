// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

@Suite struct EarlyTasksTests {
  @Test func `a registration finds the tasks that were born with its number, and forgets them`() {
    var early = EarlyTasks()
    early.note(5, carrying: 1)
    early.note(6, carrying: 2)
    early.note(7, carrying: 1)
    #expect(early[1] == [5, 7])
    early.remove(1)
    #expect(early[1] == [])
    #expect(early[2] == [6])
    early.remove(2)
    #expect(early.isEmpty)
  }

  @Test func `those that live are kept once`() {
    var early = EarlyTasks()
    for _ in 0..<600 { for tid in [5, 6] as [UInt32] { early.note(tid, carrying: 1) } }
    #expect(early.isStale(among: 80))
    #expect(!early.isStale(among: 100))
    early.keep { tid, _ in tid == 6 }
    #expect(early[1] == [6])
    #expect(!early.isStale(among: 0))
  }

  /// Forks with the number of a registration that never comes.
  @Test func `what has ended is not remembered`() {
    var tracker = Tracker(sink: EventLog())
    SimulatedStream.host(at: 0).deliver(to: &tracker)
    for time in 1...10_000 as ClosedRange<UInt64> {
      let id = nst_task_id(start_ns: time, tid: 5, tgid: 5)
      var fork = nst_fork.make(id, of: 1, at: time)
      fork.container = 7
      tracker.fork(fork)
    }
    #expect(tracker.state.tasks.count == 1)
    #expect(tracker.early[7].count <= 1_027)
  }
}
