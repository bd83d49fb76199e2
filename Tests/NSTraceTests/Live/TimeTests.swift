// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing

extension LiveTests {
  /// A task moves to another time namespace at exec, its children do at fork.
  @Suite struct TimeTests {
    @Test func `exec moves a task into the time namespace that it unshared`() throws {
      let run = try ActorRun("time-exec")
      let (before, program) = (try run.place("before"), try run.place("program"))
      #expect(try run.place("between")[.time] == before[.time])
      run.expect(
        try [
          .created(.unshare, program[.time], from: before[.time], opid: before.tid),
          .changed(.exec, program[.time], from: before[.time], opid: before.tid),
          .destroyed(.exit, program[.time], opid: before.tid),
        ])
    }

    @Test func `a child is born into the time namespace that its parent unshared`() throws {
      let run = try ActorRun("time-fork")
      let (before, child) = (try run.place("before"), try run.place("child"))
      run.expect(
        try [
          .created(.unshare, child[.time], from: before[.time], opid: before.tid),
          .changed(.clone, child[.time], from: before[.time], opid: child.tid),
          .destroyed(.exit, child[.time], opid: before.tid),
        ])
    }

    @Test func `a vfork child moves at its exec`() throws {
      let run = try ActorRun("vfork-time")
      let (before, program) = (try run.place("before"), try run.place("program"))
      run.expect(
        try [
          .created(.unshare, program[.time], from: before[.time], opid: before.tid),
          .changed(.exec, program[.time], from: before[.time], opid: program.tid),
          .destroyed(.exit, program[.time], opid: before.tid),
        ])
    }

    @Test func `a time namespace that its last task leaves by exec ends by exec`() throws {
      let run = try ActorRun("exec-twice-in-time")
      let (before, first) = (try run.place("before"), try run.place("first"))
      let second = try run.place("second")
      run.expect(
        try [
          .created(.unshare, first[.time], from: before[.time], opid: before.tid),
          .changed(.exec, first[.time], from: before[.time], opid: before.tid),
          .created(.unshare, second[.time], from: first[.time], opid: before.tid),
          .changed(.exec, second[.time], from: first[.time], opid: before.tid),
          .destroyed(.exec, first[.time], opid: before.tid),
          .destroyed(.exit, second[.time], opid: before.tid),
        ])
    }
  }
}
