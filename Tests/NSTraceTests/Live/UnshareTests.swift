// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

extension LiveTests {
  @Suite struct UnshareTests {
    @Test func `unshare(NEWPID) makes it, the children are born into it`() throws {
      let run = try ActorRun("pid-forks")
      let (before, initial) = (try run.place("before"), try run.place("init"))
      let second = try run.place("second")
      #expect(try second[.pid] == initial[.pid])
      run.expect(
        try [
          .created(.unshare, initial[.pid], from: before[.pid], opid: before.tid),
          .changed(.clone, initial[.pid], from: before[.pid], opid: initial.tid),
          .changed(.clone, initial[.pid], from: before[.pid], opid: second.tid),
          .destroyed(.exit, initial[.pid], opid: before.tid),
        ])
    }

    @Test func `a PID namespace that nobody is born into ends with who unshared it`() throws {
      let run = try ActorRun("pid-unused")
      let (before, after) = (try run.place("before"), try run.place("after"))
      #expect(try after[.pid] == before[.pid])
      // Without an init /proc does not show it.
      #expect(after.slots[.pidChildren] == nil)
      let made = try #require(run.records.first?.namespace)
      #expect(try made != before[.pid])
      run.expect(
        try [
          .created(.unshare, made, from: before[.pid], opid: before.tid),
          .destroyed(.exit, made, opid: before.tid),
        ])
    }

    @Test func `of nested user namespaces each ends when the next is entered`() throws {
      let run = try ActorRun("nested-users", ["32"])
      let levels = try (0...32).map { try run.place("level\($0)") }
      let opid = levels[0].tid
      var expected: [NamespaceRecord] = []
      for (outer, inner) in zip(levels, levels.dropFirst()) {
        try expected.append(.created(.unshare, inner[.user], from: outer[.user], opid: opid))
        if outer.who != "level0" {
          try expected.append(.destroyed(.unshare, outer[.user], opid: opid))
        }
      }
      try expected.append(.destroyed(.exit, levels[32][.user], opid: opid))
      #expect(Set(expected.compactMap(\.namespace)).count == 32)
      run.expect(expected)
    }

    @Test func `a hostile name is told as it is`() throws {
      let run = try ActorRun("hostile-name")
      let (before, after) = (try run.place("before"), try run.place("after"))
      run.expect(
        try [
          .created(.unshare, after[.uts], from: before[.uts], opid: before.tid),
          .destroyed(.exit, after[.uts], opid: before.tid),
        ])
      let name = Array("\"\n=\u{1b}[31m".utf8) + [0xff] + Array(" x=1".utf8)
      #expect(run.events.map { $0.subject.map(Self.comm) } == [name, name])
    }

    private static func comm(_ subject: nst_subject) -> [UInt8] {
      Array(withUnsafeBytes(of: subject.comm) { Array($0) }.prefix { $0 != 0 })
    }

    // Of what happened behind the tracepoints' back it is known only when it was noticed.
    @Test(arguments: ["fork", "exec", "exit"])
    func `what a compat system call did is told at the next occasion`(occasion: String) throws {
      let run = try ActorRun("compat", [occasion])
      let (before, after) = (try run.place("before"), try run.place("after"))
      run.expect(
        try [
          .created(.late, after[.uts], from: before[.uts], opid: before.tid),
          .destroyed(.exit, after[.uts], opid: before.tid),
        ])
      if occasion == "fork" { #expect(try run.place("child")[.uts] == after[.uts]) }
      #expect(run.events.first?.call?.op == (occasion == "exec" ? NST_OP_EXEC.rawValue : nil))
    }
  }
}
