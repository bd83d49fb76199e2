// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// prctl(2) and seccomp(2) after a registration, of which nothing else tells (L1, L4).
  @Suite struct LiveConfinementTests {
    private static let id = ContainerID(high: 0, low: 4711)

    private static func tell(_ actor: inout ChildProcess, _ deed: String) throws {
      actor.sendLine(deed)
      try actor.wait(for: deed) { $0.outputText.hasSuffix("\(deed)\n") }
    }

    private func updates(_ trace: borrowing LiveTrace, _ tid: UInt32) -> [String] {
      trace.events.flatMap(\.containers).filter { $0.verb == .update && $0.opid == tid }.map(\.line)
    }

    @Test func `they are told with the next fork, or when somebody asks`() throws {
      var trace = try LiveTrace.attached()
      var actor = try trace.start(BuiltProducts.nsactor, ["give-up"], input: .open)
      let tid = UInt32(actor.pid)
      try actor.wait(for: "the actor") { $0.outputText == "ready\n" }
      try trace.drain(until: "its exec") { $0.state.taskSummaries.contains { $0.tid == tid } }
      #expect(try trace.register(tid, as: Self.id) == .granted(Self.id, tasks: 1))
      try Self.tell(&actor, "nnp")
      try trace.lookAtConfinements()
      #expect(updates(trace, tid) == ["update 4711 opid \(tid): nnp 0->1"])
      try Self.tell(&actor, "seccomp")
      try Self.tell(&actor, "fork")
      try trace.drain(until: "the child's end") {
        $0.tree.forks.count == 1 && $0.tree.live.count == 1
      }
      #expect(
        updates(trace, tid) == [
          "update 4711 opid \(tid): nnp 0->1", "update 4711 opid \(tid): seccomp 0->2",
        ])
      // Nothing is new.
      try trace.lookAtConfinements()
      #expect(updates(trace, tid).count == 2)
      actor.closeInput()
      try trace.follow(&actor)
      #expect(actor.status == .exited(0))
      #expect(trace.lost == 0)
    }

    @Test func `nstrace containers says what is true now, and a replay what was said`() throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      var nstrace = try FollowingProgram(["--format", "audit", "--record", dump])
      var actor = try ChildProcess(BuiltProducts.nsactor, ["give-up"], input: .open)
      try actor.wait(for: "the actor") { $0.outputText == "ready\n" }
      let pid = actor.pid
      try FollowingProgram.run(
        BuiltProducts.nstrace,
        ["register", "--pid", "\(pid)", "--control", nstrace.control, "\(Self.id)"])
      let ask = ["containers", "--format", "json", "--control", nstrace.control]
      let before = try FollowingProgram.run(BuiltProducts.nstrace, ask)
      #expect(before.output.contains(#""nnp":false,"seccomp":0,"#))
      try Self.tell(&actor, "nnp")
      try Self.tell(&actor, "seccomp")
      let after = try FollowingProgram.run(BuiltProducts.nstrace, ask)
      #expect(after.output.contains(#""nnp":true,"seccomp":2,"#))
      actor.closeInput()
      try actor.waitForExit()
      try nstrace.process.wait(for: "its end") { $0.outputText.contains(" op=drop opid=\(pid) ") }
      #expect(try nstrace.stop() == .exited(0))
      let lines = nstrace.process.outputText.split(separator: "\n").filter {
        $0.contains(" op=update opid=\(pid) ")
      }
      #expect(lines.count == 1)
      #expect(
        lines.first?.contains(
          " contid=\"4711\" old-contid=\"4711\" nnp=1 old-nnp=0 seccomp=2 old-seccomp=0 pid=\(pid) "
        )
          == true)
      let again = try FollowingProgram.run(
        BuiltProducts.nstrace, ["replay", "--format", "audit", dump])
      #expect(again.output == nstrace.process.outputText)
      let judged = try FollowingProgram.run(
        BuiltProducts.nstrace, ["conformance", "--format", "json", dump])
      #expect(judged.output.contains(/"clause":"L4".*"verdict":"held"/))
    }
  }
}
