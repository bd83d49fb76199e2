// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// `--audit-log`: a file as auditd keeps them.
  @Suite struct AuditLogTests {
    @Test func `a new log is its owner's alone, an old one is appended to`() throws {
      let directory = try ScratchDirectory()
      let log = directory.file("log")
      let first = try Self.logOneEvent(to: log)
      #expect(Files.mode(log) == 0o600)
      let before = try Files.text(log)
      #expect(before.contains("opid=\(first) "))
      let second = try Self.logOneEvent(to: log)
      let after = try Files.text(log)
      #expect(after.hasPrefix(before))
      #expect(after.dropFirst(before.count).contains("opid=\(second) "))
      #expect(!after.contains("type=NS_"))
    }

    private static func logOneEvent(to log: String) throws -> Int32 {
      var nstrace = try FollowingProgram(["--audit-log", log])
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.waitForEnd(of: pid)
      #expect(try nstrace.stop() == .exited(0))
      return pid
    }

    @Test func `after a rename SIGHUP opens the log again under its name`() throws {
      let directory = try ScratchDirectory()
      let (log, old) = (directory.file("log"), directory.file("log.1"))
      var nstrace = try FollowingProgram(["--audit-log", log])
      let (first, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.waitForEnd(of: first)
      #expect(rename(log, old) == 0)
      nstrace.process.send(SIGHUP)
      try nstrace.process.wait(for: "the new log") { _ in Files.mode(log) != nil }
      let (second, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.waitForEnd(of: second)
      #expect(try nstrace.stop() == .exited(0))
      #expect(Files.mode(log) == 0o600)
      let (oldText, newText) = (try Files.text(old), try Files.text(log))
      #expect(oldText.contains("opid=\(first) ") && !oldText.contains("opid=\(second) "))
      #expect(newText.contains("opid=\(second) ") && !newText.contains("opid=\(first) "))
    }
  }
}
