// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing

extension LiveTests {
  /// Namespaces hang on threads.
  @Suite struct ThreadTests {
    @Test func `a thread that execs takes its namespace to the leader's tid`() throws {
      let run = try ActorRun("thread-exec")
      let (leader, worker) = (try run.place("leader"), try run.place("worker"))
      let program = try run.place("program")
      #expect(program.tid == leader.tid)
      run.expect(
        try [
          .created(.unshare, worker[.uts], from: leader[.uts], opid: worker.tid),
          .destroyed(.exit, worker[.uts], opid: leader.tid),
        ])
    }

    @Test func `a thread that dies in its exec ends its namespace`() throws {
      let run = try ActorRun("thread-exec-dies")
      let (leader, worker) = (try run.place("leader"), try run.place("worker"))
      run.expect(
        try [
          .created(.unshare, worker[.uts], from: leader[.uts], opid: worker.tid),
          .destroyed(.exit, worker[.uts], opid: worker.tid),
        ])
    }

    @Test func `a thread's namespace ends with the thread`() throws {
      let run = try ActorRun("thread-exit")
      let (leader, worker) = (try run.place("leader"), try run.place("worker"))
      run.expect(
        try [
          .created(.unshare, worker[.uts], from: leader[.uts], opid: worker.tid),
          .destroyed(.exit, worker[.uts], opid: worker.tid),
        ])
      #expect(worker.tid != leader.tid)
    }

    @Test func `exit_group ends the namespace of one of twenty threads once`() throws {
      let run = try ActorRun("thread-group")
      let (leader, worker) = (try run.place("leader"), try run.place("worker"))
      run.expect(
        try [
          .created(.unshare, worker[.uts], from: leader[.uts], opid: worker.tid),
          .destroyed(.exit, worker[.uts], opid: worker.tid),
        ])
    }
  }
}
