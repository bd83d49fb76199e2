// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing
@testable import NSTraceConformance

extension LiveTests {
  /// `nstrace conformance --live`
  @Suite struct LiveConformanceTests {
    /// A run of it, from the moment that nothing is missed.
    private static func start(_ arguments: [String] = []) throws -> FollowingProgram {
      try FollowingProgram(
        program: BuiltProducts.nstrace, before: ["conformance", "--live", "--format", "json"],
        arguments)
    }

    @Test func `what is done meanwhile is judged, registrations too`() throws {
      var nstrace = try Self.start()
      var target = try ChildProcess("cat", input: .open)
      for id in ["42", "43"] {
        var client = try ChildProcess(
          BuiltProducts.nstrace,
          ["register", "--pid", "\(target.pid)", "--control", nstrace.control, id])
        #expect(try client.waitForExit() == .exited(id == "42" ? 0 : 1))
      }
      // Nothing else speaks against it.
      let other = try ChildProcess("cat", input: .open)
      var incapable = try ChildProcess(
        "setpriv",
        [
          "--bounding-set=-audit_control", "--inh-caps=-audit_control", BuiltProducts.nstrace,
          "register", "--pid", "\(other.pid)", "--control", nstrace.control, "44",
        ])
      #expect(try incapable.waitForExit() == .exited(77))
      target.closeInput()
      try target.waitForExit()
      try FollowingProgram.run("unshare", ["-n", "true"])
      #expect(try nstrace.stop() == .exited(0))
      let verdicts = try JSONLines.all(in: nstrace.process.outputText)
      #expect(verdicts.map { $0["clause"] as? String } == Clause.allCases.map(\.rawValue))
      #expect(verdicts.filter { $0["verdict"] as? String == "broken" }.isEmpty)
      for clause in ["R1", "R2", "R3", "R7", "R9", "R11", "T7", "T14"] {
        let verdict = verdicts.first { $0["clause"] as? String == clause }
        #expect(verdict?["verdict"] as? String == "held", "\(clause)")
      }
    }

    @Test func `it ends by itself after so long`() throws {
      var nstrace = try Self.start(["--duration", "0.2"])
      #expect(try nstrace.process.waitForExit() == .exited(0))
      #expect(try JSONLines.all(in: nstrace.process.outputText).count == Clause.allCases.count)
    }

    @Test(arguments: [
      ["--live", "x.nsdump"], [], ["x.nsdump", "--duration", "1"], ["--live", "--duration", "0"],
      ["--live", "--duration", "x"], ["--live", "--duration", "nan"],
      ["--live", "--format", "audit"],
    ])
    func `wrong usage is told before anything is done`(arguments: [String]) throws {
      var nstrace = try ChildProcess(BuiltProducts.nstrace, ["conformance"] + arguments)
      #expect(try nstrace.waitForExit() == .exited(64))
      #expect(nstrace.outputText == "")
    }
  }
}
