// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// Somebody who has logged in enters a container, makes namespaces inside and leaves (T4). Grubb: "If
  /// something enters a container, we need to know about it. It needs to get tagged and be associated
  /// with the container."
  @Suite struct SessionTests {
    private static let id = "6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a21"
    private static let login: UInt32 = 771_204

    /// A visit to a container, recorded in each way.
    private struct Visit: ~Copyable {
      let scratch: ScratchDirectory
      var nstrace: FollowingProgram
      let container: ChildProcess
      /// The process that came in, and audit's session of it.
      let intruder: Int32
      let ses: String

      var log: String { scratch.file("log") }
      var dump: String { scratch.file("x.nsdump") }
    }

    /// - Parameter stays: whether a process of the visitor's stays inside.
    private static func visit(stays: Bool = false) throws -> Visit {
      let scratch = try ScratchDirectory()
      let nstrace = try FollowingProgram([
        "--format", "audit", "--no-keep", "--audit-log", scratch.file("log"), "--record",
        scratch.file("x.nsdump"),
      ])
      var container = try ChildProcess("unshare", ["-nu", "cat"], input: .open)
      try container.wait(for: "the container's process") {
        Files.link("/proc/\($0.pid)/exe") == "/usr/bin/cat"
      }
      try FollowingProgram.run(
        BuiltProducts.nstrace,
        [
          "register", "--pid", "\(container.pid)", "--control", nstrace.control, "--name", "web",
          id,
        ])
      let inside = "unshare -i true; unshare -m true; true"
      let (pid, output) = try FollowingProgram.run(
        "sh",
        [
          "-c",
          """
          echo \(login) >/proc/self/loginuid; cat /proc/$$/sessionid
          exec nsenter -t \(container.pid) -n -u sh -c '\(inside)'
          """,
        ])
      return Visit(
        scratch: scratch, nstrace: nstrace, container: container, intruder: pid, ses: output)
    }

    private static func passages(_ lines: [AuditLine], of pid: Int32) -> [AuditLine] {
      lines.filter { $0.type.hasSuffix("SESSION") && $0["pid"] == "\(pid)" }
    }

    @Test func `begin and end are told with login and session, and all in between with both IDs`()
      throws
    {
      var visit = try Self.visit()
      let intruder = visit.intruder
      try visit.nstrace.process.wait(for: "the end of the session") {
        Self.passages(AuditLine.all(in: $0.outputText), of: intruder).contains { $0["op"] == "end" }
      }
      let lines = AuditLine.all(in: visit.nstrace.process.outputText)
      let passages = Self.passages(lines, of: intruder)
      #expect(passages.map { $0["op"] } == ["begin", "end"])
      // nsenter enters one kind after the other, and the first is where it comes in.
      #expect(passages.map { $0["how"] } == ["setns:uts", "exit"])
      #expect(passages.allSatisfy { $0["contid"] == Self.id && $0["auid"] == "\(Self.login)" })
      #expect(passages.allSatisfy { $0["ses"] == visit.ses && $0["comm"] == "\"nsenter\"" })
      #expect(passages.map { $0["opid"] } == ["\(intruder)", "\(intruder)"])
      let session = try #require(passages[0]["cses"])

      let (begin, end) = (passages[0].serial, passages[1].serial)
      let mine = lines.filter { $0["cses"] == session && $0.type.hasPrefix("NS_") }
      #expect(mine.allSatisfy { (begin...end).contains($0.serial) && $0["contid"] == "-1" })
      let verbs = mine.map { "\($0.type) \($0["nstype"] ?? "")" }
      #expect(
        verbs == [
          "NS_CHANGE uts", "NS_CHANGE net", "NS_CREATE ipc", "NS_DESTROY ipc", "NS_CREATE mnt",
          "NS_DESTROY mnt",
        ])
      for serial in Set(mine.map(\.serial)).union([begin, end]) {
        let named = lines.filter { $0.serial == serial && $0.type == "CONTAINER_ID" }
        #expect(named.map { $0["contid"] } == [Self.id])
        #expect(named.map { $0["cses"] } == [session])
        #expect(named.map { $0["rel"] } == ["inside"])
      }
      #expect(try visit.nstrace.stop() == .exited(0))
    }

    @Test func `nstrace sessions shows them of the tracer as of its dump, and --contid finds all`()
      throws
    {
      var visit = try Self.visit()
      let intruder = visit.intruder
      try visit.nstrace.process.wait(for: "the end of the session") {
        Self.passages(AuditLine.all(in: $0.outputText), of: intruder).contains { $0["op"] == "end" }
      }
      var asked: [[String]: String] = [:]
      for options in [[], ["--records"], ["--format", "json"], ["--format", "json", "--records"]] {
        asked[options] = try FollowingProgram.run(
          BuiltProducts.nstrace, ["sessions", "--control", visit.nstrace.control] + options
        ).output
      }
      #expect(try visit.nstrace.stop() == .exited(0))
      for (options, output) in asked {
        let read = try FollowingProgram.run(
          BuiltProducts.nstrace, ["sessions", visit.dump] + options
        ).output
        // The tracer was asked before others may have come and gone.
        #expect(read.hasPrefix(output), "\(options)")
      }
      let row = try #require(
        asked[[]]?.split(separator: "\n").dropFirst().first { $0.contains("nsenter") })
      let words = row.split(separator: " ").map(String.init)
      #expect(words[1...6] == [Self.id, "web", "\(Self.login)", visit.ses, "0", "\(intruder)"])
      #expect(
        words[9...] == [
          "setns:uts", "exit", "2", "2", "2", "0", "nsenter", "/usr/bin/nsenter",
        ])

      let found = AuditLine.all(
        in: try FollowingProgram.run(
          BuiltProducts.nstrace,
          ["replay", "--format", "audit", "--contid", Self.id, visit.dump]
        ).output)
      let made = found.filter { $0.type == "NS_CREATE" && $0["cses"] != "0" }
      #expect(made.map { $0["nstype"] } == ["ipc", "mnt"])
      #expect(Self.passages(found, of: intruder).count == 2)
    }

    @Test func `ausearch finds begin and end by the audit session`() throws {
      var visit = try Self.visit()
      let intruder = visit.intruder
      try visit.nstrace.process.wait(for: "the end of the session") {
        Self.passages(AuditLine.all(in: $0.outputText), of: intruder).contains { $0["op"] == "end" }
      }
      #expect(try visit.nstrace.stop() == .exited(0))
      let found = AuditLine.all(
        in: try FollowingProgram.run(
          "ausearch", ["-if", visit.log, "--session", visit.ses, "--raw"]
        ).output)
      let passages = found.filter { $0.type == "UNKNOWN[1397]" }
      #expect(passages.map { $0["op"] } == ["begin", "end"])
      #expect(passages.allSatisfy { $0["contid"] == Self.id })
      let keys = found.filter { $0.type == "SYSCALL" }.compactMap { $0["key"] }
      #expect(keys.count { $0.contains("/begin-\(Self.id)") } == 1)
      #expect(keys.count { $0.contains("/end-\(Self.id)") } == 1)
    }

    @Test func `a container is listed while a visitor is inside, and dropped with its last member`()
      throws
    {
      var nstrace = try FollowingProgram(["--format", "audit", "--no-keep"])
      var container = try ChildProcess("unshare", ["-n", "cat"], input: .open)
      try container.wait(for: "cat") { Files.link("/proc/\($0.pid)/exe") == "/usr/bin/cat" }
      try FollowingProgram.run(
        BuiltProducts.nstrace,
        [
          "register", "--pid", "\(container.pid)", "--control", nstrace.control, "--name", "web",
          Self.id,
        ])
      var visitor = try ChildProcess(
        "nsenter", ["-t", "\(container.pid)", "-n", "cat"], input: .open)
      try visitor.wait(for: "cat") { Files.link("/proc/\($0.pid)/exe") == "/usr/bin/cat" }
      container.closeInput()
      #expect(try container.waitForExit() == .exited(0))
      try nstrace.process.wait(for: "the drop") {
        AuditLine.all(in: $0.outputText).contains {
          $0["op"] == "drop" && $0["old-contid"] == Self.id
        }
      }
      func listed() throws -> String {
        try FollowingProgram.run(
          BuiltProducts.nstrace, ["containers", "--control", nstrace.control]
        ).output
      }
      #expect(try listed().contains("web             ended, 1 visitor"))
      visitor.closeInput()
      #expect(try visitor.waitForExit() == .exited(0))
      try nstrace.process.wait(for: "the end of the session") {
        AuditLine.all(in: $0.outputText).contains {
          $0.type == "CONTAINER_SESSION" && $0["op"] == "end" && $0["contid"] == Self.id
        }
      }
      #expect(try !listed().contains(Self.id))
    }
  }
}
