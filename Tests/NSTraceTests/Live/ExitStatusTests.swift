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

    @Test(arguments: [
      (["--containers", "cgroup", "--cgroup-pattern", "web/{name}"], "write '/web/{name}'"),
      (["--cgroup-pattern", "/web/{name}"], "--cgroup-pattern needs --containers cgroup"),
    ])
    func `a pattern that would find nothing is wrong usage`(
      _ arguments: [String], _ said: String
    ) throws {
      for command in [["--follow"], ["replay", "none"]] {
        var nstrace = try ChildProcess(BuiltProducts.nstrace, command + arguments)
        #expect(try nstrace.waitForExit() == .exited(64))
        #expect(nstrace.errorText.contains("\(said)\n"))
      }
    }

    @Test func `what is no dump is a bad dump`() throws {
      var nstrace = try ChildProcess(BuiltProducts.nstrace, ["replay", "/etc/passwd"])
      #expect(try nstrace.waitForExit() == .exited(65))
      #expect(nstrace.outputText == "")
      #expect(nstrace.errorText.contains(/^nstrace: error: \/etc\/passwd is not a dump: [^\n]*\n$/))
    }

    @Test func `a log is not appended to a dump`() throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      let evidence = try Files.read(Fixture.path("linux-6.1.nsdump"))
      try Files.write(evidence, to: dump)
      var replay = try ChildProcess(
        BuiltProducts.nstrace, ["replay", "--audit-log", dump, Fixture.path("linux-6.1.nsdump")])
      #expect(try replay.waitForExit() == .exited(1))
      #expect(replay.outputText == "")
      #expect(replay.errorText.contains("dump, which is a dump: give another name: File exists\n"))
      #expect(try Files.read(dump) == evidence)
    }

    @Test func `a bad dump does not keep the next from being replayed`() throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      var live = try FollowingProgram(["--record", dump])
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try live.waitForEnd(of: pid)
      try live.stop()
      var replay = try ChildProcess(
        BuiltProducts.nstrace, ["replay", "/etc/passwd", directory.file("none"), dump])
      #expect(try replay.waitForExit() == .exited(65))
      #expect(replay.output == live.process.output)
      let said = replay.errorText.split(separator: "\n")
      #expect(said.count == 2)
      #expect(said.first?.hasPrefix("nstrace: error: /etc/passwd is not a dump: ") == true)
      #expect(said.last?.hasSuffix("/none: No such file or directory") == true)
    }

    @Test(arguments: ["not-a-uuid", "18446744073709551615", "ffffffff-ffff-ffff-ffff-ffffffffffff"])
    func `an ID that is none is refused without a tracer`(id: String) throws {
      let directory = try ScratchDirectory()
      var nstrace = try ChildProcess(
        BuiltProducts.nstrace,
        ["register", "--control", directory.file("none"), "--pid", "1", id])
      #expect(try nstrace.waitForExit() == .exited(64))
      #expect(nstrace.errorText.hasPrefix("Error: the container ID is not valid: give a UUID or"))
    }

    @Test(arguments: ["0", "4194304"])
    func `a pid that no process can have is refused without a tracer`(pid: String) throws {
      let directory = try ScratchDirectory()
      var nstrace = try ChildProcess(
        BuiltProducts.nstrace,
        ["register", "--control", directory.file("none"), "--pid", pid, "--random"])
      #expect(try nstrace.waitForExit() == .exited(64))
      #expect(nstrace.errorText.hasPrefix("Error: there is no such process"))
    }

    @Test(arguments: [
      (["--nstype", "time"], 16), (["--op", "late"], 3), (["--no-failed"], 103),
      (["--nstype", "user", "--op", "clone3"], 1),
    ])
    func `a replay shows the records that were chosen`(arguments: [String], count: Int) throws {
      var replay = try ChildProcess(
        BuiltProducts.nstrace,
        ["replay", "--format", "table"] + arguments + [Fixture.path("linux-6.1.nsdump")])
      #expect(try replay.waitForExit() == .exited(0))
      #expect(replay.errorText == "")
      #expect(replay.outputText.split(separator: "\n").count == 1 + count)
    }

    @Test(arguments: [
      ["--nonsense"], ["replay"], ["--record", "x"], ["--nstype", "pidd"], ["--ring-size", "3"],
      ["--nstype", "net"], ["--pid", "1"], ["--op", "exec"], ["--no-failed"],
      ["--hooks", "kprobe"], ["--follow", "--policy", "automatic", "--containers", "cgroup"],
      ["replay", "--policy", "automatic", "--containers", "cgroup", "x"],
      ["--follow", "--force"], ["record", "--force", "-"],
      ["--follow", "--record", "x", "--audit-log", "x"],
    ])
    func `wrong usage is told before anything is done`(arguments: [String]) throws {
      var nstrace = try ChildProcess(BuiltProducts.nstrace, arguments)
      #expect(try nstrace.waitForExit() == .exited(64))
      #expect(nstrace.outputText == "")
      #expect(nstrace.errorText.hasPrefix("Error: "))
    }
  }
}
