// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// `--verify`
  @Suite struct VerifyTests {
    /// How often it verified, and how many tasks differed.
    private static func said(by nstrace: borrowing FollowingProgram) -> [Int] {
      let form = /nstrace: verified (\d+) times, (\d+) tasks differed\n/
      guard let found = nstrace.process.errorText.firstMatch(of: form) else { return [] }
      return [Int(found.1) ?? -1, Int(found.2) ?? -1]
    }

    @Test func `in a storm, too, the state is what the kernel has`() throws {
      var nstrace = try FollowingProgram(["--verify=0.05", "--strict", "--op", "setns"])
      // Longer than a suspicion takes to be confirmed.
      let end = ContinuousClock.now + .seconds(3)
      repeat {
        try FollowingProgram.run(BuiltProducts.nsactor, ["storm", "1000"])
      } while ContinuousClock.now < end
      #expect(try nstrace.stop() == .exited(0))
      let said = Self.said(by: nstrace)
      #expect(said.count == 2 && said[0] > 0 && said[1] == 0)
      #expect(!nstrace.process.errorText.contains("warning"))
    }

    /// What only tracepoints miss: nothing tells of a compat unshare before the next occasion.
    @Test(.enabled(if: HookTierTests.refusal != nil, "fexit programs see it at once"))
    func `a namespace that no hook saw is found, told and known from then on`() throws {
      var nstrace = try FollowingProgram(["--verify=0.05"])
      var actor = try ChildProcess(BuiltProducts.nsactor, ["compat", "hold"], input: .open)
      try actor.wait(for: "its namespace") { $0.outputText.contains("after.tid=") }
      let uts = try ActorFacts(actor.outputText).place("after")[.uts]
      let host = try ActorFacts(actor.outputText).place("before")[.uts]
      let pid = actor.pid
      try nstrace.process.wait(for: "the namespace") {
        $0.outputText.contains("op=resync nstype=uts") && $0.outputText.contains("opid=\(pid) ")
      }
      #expect(
        nstrace.process.errorText.contains(
          "tasks is not the kernel's: task \(pid) is in uts \(uts.inum), "
            + "not \(host.inum); all tasks are walked over again\n"))
      actor.closeInput()
      #expect(try actor.waitForExit() == .exited(0))
      try nstrace.waitForEnd(of: pid)
      #expect(
        nstrace.summaries(about: pid) == [
          "NS_CREATE resync uts \(uts.inum) \(pid) 1", "NS_DESTROY exit uts \(uts.inum) \(pid) 1",
        ])
      #expect(try nstrace.stop() == .exited(0))
      #expect(Self.said(by: nstrace).last == 1)
    }
  }
}
