// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// `nstrace audisp`, with this test as auditd.
  @Suite struct AudispTests {
    /// A SYSCALL record of now, and the head of a record of the same event.
    private struct Event {
      let stamp: String
      let lines: String

      init(_ serial: Int, of pid: Int32) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let milliseconds = String(1000 + now.tv_nsec / 1_000_000).dropFirst()
        stamp = "msg=audit(\(now.tv_sec).\(milliseconds):\(serial)): "
        lines =
          "type=SYSCALL \(stamp)arch=c000003e syscall=59 success=yes exit=0 pid=\(pid)\n"
          + "type=PROCTITLE \(stamp)proctitle=\"x\"\n"
      }

      /// The lines with the one that is added.
      func annotated(_ rest: String) -> String {
        let lines = lines.split(separator: "\n", omittingEmptySubsequences: false)
        return "\(lines[0])\ntype=UNKNOWN[1394] \(stamp)record=\"1\" \(rest)\n\(lines[1])\n"
      }

      var end: String { "type=EOE \(stamp)\n" }
    }

    private static func audisp(
      _ log: String, at control: String, _ options: [String] = []
    ) throws -> ChildProcess {
      try ChildProcess(
        BuiltProducts.nstrace, ["audisp", "--output", log, "--control", control] + options,
        input: .open)
    }

    @Test func `each event has the containers of its process, also if that has ended`() throws {
      let directory = try ScratchDirectory()
      let log = directory.file("log")
      var nstrace = try FollowingProgram(["--audit-joins"])
      var target = try ChildProcess("cat", input: .open)
      try FollowingProgram.run(
        BuiltProducts.nstrace,
        ["register", "--pid", "\(target.pid)", "--control", nstrace.control, "42"])
      var audisp = try Self.audisp(log, at: nstrace.control)
      let own = Event(1, of: getpid())
      let member = Event(2, of: target.pid)
      target.closeInput()
      #expect(try target.waitForExit() == .exited(0))
      audisp.send(own.lines + own.end + member.lines + member.end)
      audisp.closeInput()
      #expect(try audisp.waitForExit() == .exited(0))
      #expect(try Files.text(log) == own.lines + member.annotated("contid=\"42\" rel=member"))
      #expect(Files.mode(log) == 0o600)
      #expect(
        audisp.errorText
          == "nstrace: 6 lines, 2 events: 1 of members of containers, 0 inside, 1 of the host\n")
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `without a tracer events go through, and it is said`() throws {
      let directory = try ScratchDirectory()
      let log = directory.file("log")
      var audisp = try Self.audisp(log, at: directory.file("none"))
      let event = Event(1, of: getpid())
      audisp.send(event.lines)
      try audisp.wait(for: "the log") { _ in (try? Files.text(log)) == event.lines }
      audisp.closeInput()
      #expect(try audisp.waitForExit() == .exited(0))
      #expect(
        audisp.errorText.hasPrefix(
          "nstrace: warning: 1 events without container IDs, because no tracer listens on "))
    }

    @Test func `a tracer that remembers nothing says how to start it`() throws {
      let directory = try ScratchDirectory()
      let log = directory.file("log")
      var nstrace = try FollowingProgram()
      var audisp = try Self.audisp(log, at: nstrace.control, ["--quiet"])
      let event = Event(1, of: getpid())
      audisp.send(event.lines)
      audisp.closeInput()
      #expect(try audisp.waitForExit() == .exited(0))
      #expect(try Files.text(log) == event.lines)
      #expect(audisp.errorText.contains("start it with --audit-joins"))
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `who may not read IDs gets none`() throws {
      let directory = try ScratchDirectory()
      let log = directory.file("log")
      var nstrace = try FollowingProgram(["--audit-joins"])
      var audisp = try ChildProcess(
        "setpriv",
        [
          "--bounding-set=-audit_control", "--inh-caps=-audit_control", BuiltProducts.nstrace,
          "audisp",
        ]
          + ["--quiet", "--output", log, "--control", nstrace.control],
        input: .open)
      let event = Event(1, of: getpid())
      audisp.send(event.lines)
      audisp.closeInput()
      #expect(try audisp.waitForExit() == .exited(0))
      #expect(try Files.text(log) == event.lines)
      #expect(audisp.errorText.contains("reading container IDs needs CAP_AUDIT_CONTROL"))
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `SIGHUP opens the log again, and SIGTERM loses nothing`() throws {
      let directory = try ScratchDirectory()
      let (log, old) = (directory.file("log"), directory.file("log.1"))
      var audisp = try Self.audisp(log, at: directory.file("none"), ["--quiet"])
      let (first, second) = (Event(1, of: 1), Event(2, of: 1))
      audisp.send(first.lines)
      try audisp.wait(for: "the log") { _ in (try? Files.text(log)) == first.lines }
      #expect(rename(log, old) == 0)
      audisp.send(SIGHUP)
      try audisp.wait(for: "a new log") { _ in Files.mode(log) != nil }
      audisp.send(second.lines)
      audisp.send(SIGTERM)
      #expect(try audisp.waitForExit() == .exited(0))
      #expect(try Files.text(old) == first.lines)
      #expect(try Files.text(log) == second.lines)
    }

    @Test func `a log that is a link, or that another one writes, is refused`() throws {
      let directory = try ScratchDirectory()
      let (log, link) = (directory.file("log"), directory.file("link"))
      var first = try Self.audisp(log, at: directory.file("none"))
      try first.wait(for: "the log") { _ in Files.mode(log) != nil }
      #expect(symlink(log, link) == 0)
      for (path, reason) in [(link, "symbolic link"), (log, "another process writes")] {
        var refused = try Self.audisp(path, at: directory.file("none"))
        #expect(try refused.waitForExit() == .exited(1))
        #expect(refused.errorText.contains(reason))
      }
    }
  }
}

extension ChildProcess {
  /// Writes text to the process's input.
  fileprivate func send(_ text: String) {
    for line in text.split(separator: "\n") { sendLine(String(line)) }
  }
}
