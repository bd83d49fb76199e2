// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// The built program, from its start to its end.
  @Suite struct FollowTests {
    @Test func `a namespace that comes and goes is two records and nothing false`() throws {
      var nstrace = try FollowingProgram()
      let (pid, link) = try FollowingProgram.run(
        "unshare", ["-n", "readlink", "/proc/self/ns/net"])
      let ino = try #require(link.split(separator: "[").last?.prefix { $0.isNumber })
      try nstrace.waitForEnd(of: pid)
      #expect(try nstrace.stop() == .exited(0))
      #expect(
        nstrace.summaries(about: pid) == [
          "NS_CREATE unshare net \(ino) \(pid) 1", "NS_DESTROY exit net \(ino) \(pid) 1",
        ])
      let said = nstrace.process.errorText.split(separator: "\n")
      #expect(said.count == 2)
      // What a person counts: lines, and the events that they tell of.
      let lines = AuditLine.all(in: nstrace.process.outputText)
      let events = Set(lines.map(\.serial)).count
      #expect(said.last == "nstrace: \(lines.count) records of \(events) events printed, 0 lost")
    }

    /// `nstrace --follow`, as people know it, and `nstrace follow`.
    @Test func `both spellings print the same of the same tasks`() throws {
      var short = try FollowingProgram(["--no-failed"])
      var long = try FollowingProgram(
        program: BuiltProducts.nstrace, before: ["follow"], ["--no-failed"])
      let (pid, _) = try FollowingProgram.run("unshare", ["-nu", "true"])
      try short.waitForEnd(of: pid)
      try long.waitForEnd(of: pid)
      #expect(try short.stop() == .exited(0))
      #expect(try long.stop() == .exited(0))
      #expect(short.summaries(about: pid).count == 4)
      #expect(short.summaries(about: pid) == long.summaries(about: pid))
    }

    @Test func `a terminal that is resized has lines of its new width`() throws {
      var terminal = try PseudoTerminal(columns: 132)
      var nstrace = try FollowingProgram(
        ["--nstype", "uts"], output: .descriptor(terminal.programSide))
      let (wide, _) = try FollowingProgram.run("unshare", ["-u", "true"])
      try terminal.wait(for: "its end") { lines in
        lines.contains { $0.contains("destroy  exit     uts     ") && $0.contains(" \(wide) ") }
      }
      terminal.resize(columns: 80)
      nstrace.process.send(SIGWINCH)
      let heading = "UTC      WHAT     BY      TYPE   NAMESPACE  BEFORE     TASK   UID COMMAND"
      try terminal.wait(for: "another heading") { $0.contains(heading) }
      let (narrow, _) = try FollowingProgram.run("unshare", ["-u", "true"])
      try terminal.wait(for: "the other's end") { lines in
        lines.contains { $0.contains("destroy  exit ") && $0.contains(" \(narrow) ") }
      }
      #expect(try nstrace.stop() == .exited(0))
      #expect(terminal.lines.count { $0.hasPrefix("TIME (UTC)    WHAT ") } == 1)
      #expect(terminal.lines.filter { $0 == heading }.count == 1)
      let end = terminal.lines.first { $0.contains("destroy  exit ") && $0.contains(" \(narrow) ") }
      #expect(end?.contains(" destroy  exit    uts    ") == true)
    }

    @Test func `what is chosen and what is logged is counted too`() throws {
      let directory = try ScratchDirectory()
      let log = directory.file("log")
      var nstrace = try FollowingProgram([
        "--audit-log", log, "--nstype", "uts", "--format", "json",
      ])
      try FollowingProgram.run("unshare", ["-u", "true"])
      try FollowingProgram.run("unshare", ["-i", "true"])
      try nstrace.process.wait(for: "an end") { $0.outputText.contains("NS_DESTROY") }
      #expect(try nstrace.stop() == .exited(0))
      let logged = AuditLine.all(in: try Files.text(log))
      let printed = try JSONLines.all(in: nstrace.process.outputText)
      let (seen, chosen) = (
        Set(logged.map(\.serial)).count, Set(printed.compactMap { $0["serial"] as? Int }).count
      )
      #expect(chosen < seen)
      let said = """
        nstrace: \(printed.count) records of \(chosen) events printed, \(seen) events seen, \
        \(logged.count) records logged, 0 lost
        """
      #expect(nstrace.process.errorText.split(separator: "\n").last.map(String.init) == said)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a signal ends it well`(signal: Int32) throws {
      var nstrace = try FollowingProgram()
      #expect(try nstrace.stop(signal) == .exited(0))
      #expect(nstrace.process.errorText.contains(" 0 lost\n"))
    }

    @Test func `it ends well when nobody reads any more`() throws {
      var nstrace = try FollowingProgram()
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.waitForEnd(of: pid)
      nstrace.process.closeOutput()
      #expect(try nstrace.process.waitForExit() == .exited(0))
      #expect(nstrace.process.errorText.contains(" 0 lost\n"))
    }

    @Test func `it ends well when the socket that it writes to is closed`() throws {
      var ends: [Int32] = [0, 0]
      try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      var nstrace = try FollowingProgram(["--pid", "1"], output: .descriptor(ends[1]))
      close(ends[1])
      close(ends[0])
      #expect(try nstrace.process.waitForExit() == .exited(0))
      #expect(nstrace.process.errorText.contains(" 0 lost\n"))
    }

    @Test func `a reader that does not read cannot keep it from ending`() throws {
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      // As small as a pipe can be; Swift's Glibc lacks the name.
      let setPipeSize: Int32 = 1031
      try #require(fcntl(ends[1], setPipeSize, 4096) == 4096)
      var nstrace = try FollowingProgram(output: .descriptor(ends[1]))
      defer { for end in ends { close(end) } }
      try nstrace.process.wait(for: "a full pipe") { _ in
        // More than it takes, however little of it has been written by now.
        for _ in 1...4 { try FollowingProgram.run("unshare", ["-Urn", "true"]) }
        var fd = pollfd(fd: ends[1], events: Int16(POLLOUT), revents: 0)
        return poll(&fd, 1, 0) == 0
      }
      #expect(try nstrace.stop(SIGTERM) == .exited(1))
      #expect(nstrace.process.errorText.contains("nobody reads standard output"))
    }

    @Test func `three capabilities are enough, and all that it has`() throws {
      var nstrace = try FollowingProgram(
        program: "setpriv",
        [
          "--bounding-set=-all,+bpf,+perfmon,+dac_read_search", BuiltProducts.nstrace, "--follow",
        ])
      let status = try String(
        contentsOfFile: "/proc/\(nstrace.process.pid)/status", encoding: .utf8)
      #expect(status.contains("CapBnd:\t000000c000000004\n"))
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.waitForEnd(of: pid)
      #expect(try nstrace.stop() == .exited(0))
      #expect(nstrace.summaries(about: pid).count == 2)
      #expect(!nstrace.process.errorText.contains("warning"))
    }

    @Test func `head gets its line and everyone succeeds`() throws {
      let script = "\"$0\" --follow | head -n 1; echo \"${PIPESTATUS[*]}\""
      var shell = try ChildProcess("bash", ["-c", script, BuiltProducts.nstrace])
      try shell.wait(for: "nstrace: following") { $0.errorText.contains("nstrace: following") }
      try FollowingProgram.run("unshare", ["-n", "true"])
      #expect(try shell.waitForExit() == .exited(0))
      let lines = shell.outputText.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.first?.hasPrefix("type=") == true)
      #expect(lines.last == "0 0")
      #expect(shell.errorText.contains(" 0 lost\n"))
    }

    @Test(arguments: [false, true])
    func `a service manager is told when it follows`(isAbstract: Bool) throws {
      let directory = try ScratchDirectory()
      let path = directory.file("notify")
      let listener = try DatagramListener(isAbstract ? "@\(path)" : path)
      var nstrace = try FollowingProgram(environment: ["NOTIFY_SOCKET": listener.address])
      #expect(listener.next() == "READY=1")
      try nstrace.stop()
      #expect(listener.next(milliseconds: 0) == nil)
    }
  }
}
