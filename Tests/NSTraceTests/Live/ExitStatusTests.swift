// SPDX-License-Identifier: Apache-2.0

import Testing

extension LiveTests {
  /// What the program could not do it says in one sentence, and by its exit status.
  @Suite struct ExitStatusTests {
    @Test(arguments: [[], ["--follow"], ["record", "/tmp/nstrace-test-not-written"]])
    func `nobody may not trace`(arguments: [String]) throws {
      var nstrace = try ChildProcess("setpriv", RecordingTests.asNobody(arguments))
      #expect(try nstrace.waitForExit() == .exited(77))
      #expect(nstrace.outputText == "")
      #expect(
        nstrace.errorText.contains(/^nstrace: error: the kernel does not let this user [^\n]*\n$/))
      #expect(Files.mode("/tmp/nstrace-test-not-written") == nil)
    }

    @Test func `what is no dump is a bad dump`() throws {
      var nstrace = try ChildProcess(BuiltProducts.nstrace, ["replay", "/etc/passwd"])
      #expect(try nstrace.waitForExit() == .exited(65))
      #expect(nstrace.outputText == "")
      #expect(nstrace.errorText.contains(/^nstrace: error: \/etc\/passwd is not a dump: [^\n]*\n$/))
    }

    @Test(arguments: [
      ["--nonsense"], ["replay"], ["--record", "x"], ["--nstype", "pidd"], ["--ring-size", "3"],
      ["--nstype", "net"], ["--pid", "1"], ["--op", "exec"], ["--no-failed"],
    ])
    func `wrong usage is told before anything is done`(arguments: [String]) throws {
      var nstrace = try ChildProcess(BuiltProducts.nstrace, arguments)
      #expect(try nstrace.waitForExit() == .exited(64))
      #expect(nstrace.outputText == "")
      #expect(nstrace.errorText.hasPrefix("Error: "))
    }
  }
}
