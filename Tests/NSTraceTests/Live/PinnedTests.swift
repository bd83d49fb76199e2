// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension LiveTests {
  /// `pinned=`: whether the kernel's object lives on when nobody uses a namespace any more.
  @Suite(.enabled(if: PinnedAnswers.areGiven, "nobody tells here what is freed"))
  struct PinnedTests {
    /// `pinned=` of the ends that are told of a task, by kind.
    private static func answers(
      _ nstrace: borrowing FollowingProgram, about pid: Int32
    ) -> [String: String] {
      let ends = AuditLine.all(in: nstrace.process.outputText).filter {
        $0.type == "NS_DESTROY" && $0["opid"] == "\(pid)"
      }
      return Dictionary(ends.map { ($0["nstype"] ?? "", $0["pinned"] ?? "") }) { "\($0) \($1)" }
    }

    @Test(arguments: ["-m", "-u", "-i", "-n", "-U", "-C", "-T"])
    func `of a process that exits nothing is left`(flag: String) throws {
      var nstrace = try FollowingProgram()
      let (pid, _) = try FollowingProgram.run("unshare", [flag, "true"])
      try nstrace.waitForEnd(of: pid)
      #expect(Self.answers(nstrace, about: pid).values.map { $0 } == ["no"])
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `a bind mount keeps it`() throws {
      let directory = try ScratchDirectory()
      let file = directory.file("uts")
      try Files.write([], to: file)
      var nstrace = try FollowingProgram()
      let (pid, _) = try FollowingProgram.run("unshare", ["--uts=\(file)", "true"])
      defer { umount2(file, Int32(MNT_DETACH)) }
      try nstrace.waitForEnd(of: pid)
      #expect(Self.answers(nstrace, about: pid) == ["uts": "yes"])
      let (entered, _) = try FollowingProgram.run("nsenter", ["--uts=\(file)", "true"])
      try nstrace.waitForEnd(of: entered)
      #expect(Self.answers(nstrace, about: entered) == ["uts": "yes"])
      let lines = AuditLine.all(in: nstrace.process.outputText)
      let numbers = lines.filter { [pid, entered].map { "\($0)" }.contains($0["opid"]) }
        .map { $0["ino"] }
      #expect(numbers.count == 4 && Set(numbers).count == 1)
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `an open descriptor keeps it`() throws {
      var nstrace = try FollowingProgram()
      var holder = try ChildProcess("unshare", ["-n", "cat"], input: .open)
      try holder.wait(for: "cat") { try Files.text("/proc/\($0.pid)/comm") == "cat\n" }
      let descriptor = open("/proc/\(holder.pid)/ns/net", O_RDONLY | O_CLOEXEC)
      #expect(descriptor >= 0)
      holder.closeInput()
      #expect(try holder.waitForExit() == .exited(0))
      try nstrace.waitForEnd(of: holder.pid)
      close(descriptor)
      #expect(Self.answers(nstrace, about: holder.pid) == ["net": "yes"])
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test(arguments: [("pid", "yes"), ("user", "yes"), ("uts", "no")])
    func `a zombie keeps what its number and its credentials are of`(
      kind: String, answer: String
    ) throws {
      var nstrace = try FollowingProgram()
      var actor = try ChildProcess(BuiltProducts.nsactor, ["zombie", kind], input: .open)
      try actor.wait(for: "the zombie") { $0.outputText.contains("zombie.pid=") }
      let told = actor.outputText.split(separator: "=").last
      let pid = try #require(told.flatMap { Int32($0.dropLast()) })
      try nstrace.waitForEnd(of: pid)
      #expect(Self.answers(nstrace, about: pid) == [kind: answer])
      actor.closeInput()
      #expect(try actor.waitForExit() == .exited(0))
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `a network namespace with a name lives on until the name goes`() throws {
      let directory = try ScratchDirectory()
      let name = "nstrace-test-\(getpid())"
      let dump = directory.file("dump")
      var nstrace = try FollowingProgram(["--record", dump])
      let (adder, _) = try FollowingProgram.run("ip", ["netns", "add", name])
      try nstrace.waitForEnd(of: adder)
      let (user, _) = try FollowingProgram.run("ip", ["netns", "exec", name, "true"])
      let (_, _) = try FollowingProgram.run("ip", ["netns", "del", name])
      try nstrace.waitForEnd(of: user)
      #expect(Self.answers(nstrace, about: adder)["net"] == "yes")
      let again = AuditLine.all(in: nstrace.process.outputText).filter {
        $0.type == "NS_CREATE" && $0["opid"] == "\(user)" && $0["nstype"] == "net"
      }
      #expect(again.map { $0["op"] } == ["setns"])
      #expect(try nstrace.stop() == .exited(0))
      var replay = try ChildProcess(BuiltProducts.nstrace, ["replay", dump])
      #expect(try replay.waitForExit() == .exited(0))
      #expect(replay.output == nstrace.process.output)
    }

    @Test(.enabled(if: PinnedAnswers.areAskedFor, "the kernel side tells"))
    func `who may not ask says so, and waits for nothing`() throws {
      let directory = try ScratchDirectory()
      chmod(directory.path, 0o777)
      let dump = directory.file("dump")
      var nstrace = try FollowingProgram(["--user", "nobody", "--record", dump])
      let (pid, _) = try FollowingProgram.run("unshare", ["-u", "true"])
      try nstrace.waitForEnd(of: pid)
      #expect(Self.answers(nstrace, about: pid) == ["uts": "?"])
      #expect(try nstrace.stop() == .exited(0))
      #expect(!nstrace.process.errorText.contains("warning"))
    }

    @Test func `when nothing happens nobody is asked`() throws {
      var nstrace = try FollowingProgram(["--nstype", "uts"])
      let (pid, _) = try FollowingProgram.run("unshare", ["-u", "true"])
      try nstrace.waitForEnd(of: pid)
      // Its wait is one without an end again: it is asleep in poll, and no timer is running.
      let path = "/proc/\(nstrace.process.pid)/syscall"
      try nstrace.process.wait(for: "a wait without an end") { _ in
        let words = try Files.text(path).split(separator: " ")
        return words.first == "7" && words[3].hasSuffix("ffffffff")
      }
      #expect(try nstrace.stop() == .exited(0))
    }
  }
}
