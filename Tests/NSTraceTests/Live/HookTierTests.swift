// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing
@testable import NSTraceLive

extension LiveTests {
  /// Which programs see system calls; what they then see is compared in guests (scenes/hooks.sh).
  @Suite struct HookTierTests {
    /// Why fexit programs are refused here; nil: they are not.
    static let refusal: ProbeError? = {
      do throws(ProbeError) {
        _ = try KernelSource(ringBytes: 1 << 20, hooks: .fentry, version: "test")
        return nil
      } catch {
        return error
      }
    }()

    @Test(
      .enabled(if: refusal != nil, "fexit programs are allowed here"),
      arguments: [[], ["--follow"], ["record", "/tmp/nstrace-test-no-fentry"]])
    func `what was asked for is not replaced`(arguments: [String]) throws {
      var nstrace = try ChildProcess(BuiltProducts.nstrace, arguments + ["--hooks", "fentry"])
      #expect(try nstrace.waitForExit() == .exited(69))
      #expect(nstrace.outputText == "")
      #expect(
        nstrace.errorText.contains(
          /^nstrace: error: this kernel does not let fexit programs be attached to [^\n]*\n$/))
      #expect(Files.mode("/tmp/nstrace-test-no-fentry") == nil)
    }

    @Test func `which functions are missing is said, and what to do`() {
      guard let refusal = Self.refusal else { return }
      guard case .noFentry(let functions, let errno) = refusal else {
        Issue.record("\(refusal)")
        return
      }
      #expect(
        "\(ProbeError.noFentry(functions, errno: errno))".hasPrefix(
          "this kernel does not let fexit programs be attached to "
            + functions.joined(separator: ", ") + " ("))
      #expect(Set(functions).isSubset(of: Self.functions))
    }

    @Test func `who may not trace at all is told that first`() throws {
      var nstrace = try ChildProcess(
        "setpriv", RecordingTests.asNobody(["--follow", "--hooks", "fentry"]))
      #expect(try nstrace.waitForExit() == .exited(77))
    }

    @Test(arguments: ["auto", "tracepoint", "sys_exit"])
    func `an unshare is seen`(hooks: String) throws {
      var live = try FollowingProgram(["--hooks", hooks])
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try live.waitForEnd(of: pid)
      try live.stop()
      let records = live.process.outputText.split(separator: "\n")
      let created = records.filter {
        $0.hasPrefix("type=NS_CREATE ") && $0.contains(" op=unshare nstype=net ")
          && $0.contains(" opid=\(pid) ")
      }
      #expect(created.count == 1)
    }

    @Test(.enabled(if: refusal != nil, "fexit programs are allowed here"))
    func `that tracepoints are used instead is said when asked`() throws {
      var quiet = try ChildProcess(BuiltProducts.nstrace, ["--format", "none"])
      #expect(try quiet.waitForExit() == .exited(0))
      #expect(!quiet.errorText.contains("tracepoints"))
      var verbose = try ChildProcess(BuiltProducts.nstrace, ["--format", "none", "--verbose"])
      #expect(try verbose.waitForExit() == .exited(0))
      let notes = verbose.errorText.split(separator: "\n").filter { $0.hasPrefix("nstrace: ") }
      #expect(notes.count == 1)
      #expect(notes.first?.hasSuffix(": system calls are seen by tracepoints") == true)
    }

    private static let functions: Set<String> = [
      "ksys_unshare", "__x64_sys_setns", "__ia32_sys_setns", "kernel_clone",
    ]
  }
}
