// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

extension LiveTests {
  /// What a tracer has given up, and that it does its work without: docs/security.md.
  @Suite struct SandboxTests {
    /// The lines of /proc/PID/status that say what a process may do.
    private static func privileges(of pid: Int32) throws -> [String: String] {
      let wanted = ["Uid", "Gid", "Groups", "CapPrm", "CapEff", "CapAmb", "NoNewPrivs", "Seccomp"]
      var found: [String: String] = [:]
      for line in try Files.text("/proc/\(pid)/status").split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1)
        guard let name = parts.first.map(String.init), wanted.contains(name) else { continue }
        found[name] = parts.last?.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      }
      return found
    }

    private static let none = "0000000000000000"

    /// `nobody`, and what a process of that user and of nothing else looks like.
    private static func nobody() throws -> [String: String] {
      let entry = try #require(getpwnam("nobody")).pointee
      let (user, group) = ("\(entry.pw_uid)", "\(entry.pw_gid)")
      return [
        "Uid": Array(repeating: user, count: 4).joined(separator: " "),
        "Gid": Array(repeating: group, count: 4).joined(separator: " "), "Groups": group,
        "CapPrm": none, "CapEff": none, "CapAmb": none, "NoNewPrivs": "1", "Seccomp": "2",
      ]
    }

    /// Waits until it has given up what it will: it says that it follows a moment before.
    private static func waitUntilConfined(_ nstrace: inout FollowingProgram) throws {
      let pid = nstrace.process.pid
      try nstrace.process.wait(for: "the sandbox") { _ in
        try privileges(of: pid)["Seccomp"] == "2"
      }
    }

    @Test func `as nobody, with nothing, it follows, recovers, registers and tells`() throws {
      var nstrace = try FollowingProgram(["--user", "nobody", "--ring-size", "4K"])
      try Self.waitUntilConfined(&nstrace)
      #expect(try Self.privileges(of: nstrace.process.pid) == Self.nobody())
      // Nobody reads the ring meanwhile, so that it overflows.
      nstrace.process.send(SIGSTOP)
      try FollowingProgram.run(BuiltProducts.nsactor, ["storm", "100"])
      nstrace.process.send(SIGCONT)
      try nstrace.process.wait(for: "the recovery") { $0.outputText.contains(" resynced=1") }

      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.waitForEnd(of: pid)
      #expect(nstrace.summaries(about: pid).map { $0.prefix(10) } == ["NS_CREATE ", "NS_DESTROY"])

      let target = try ChildProcess("cat", input: .open)
      let control = ["--control", nstrace.control]
      let id = "6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a11"
      let registered = try FollowingProgram.run(
        BuiltProducts.nstrace, ["register", "--pid", "\(target.pid)", id] + control)
      #expect(registered.output == "\(id)\n")
      for question in ["containers", "tree"] {
        let told = try FollowingProgram.run(BuiltProducts.nstrace, [question] + control)
        #expect(told.output.contains(id))
      }
      #expect(try nstrace.stop() == .exited(0))
      #expect(!nstrace.process.errorText.contains("warning"))
    }

    /// Who walks over cgroups opens directories.
    @Test(arguments: CgroupDirectory.mounts)
    func `as nobody it finds the cgroups again that it missed`(_ mount: CgroupMount) throws {
      var nstrace = try FollowingProgram([
        "--user", "nobody", "--containers", "cgroup", "--ring-size", "4K",
      ])
      try Self.waitUntilConfined(&nstrace)
      nstrace.process.send(SIGSTOP)
      try FollowingProgram.run(BuiltProducts.nsactor, ["storm", "100"])
      let hex = "5b90" + String(repeating: "0b", count: 30)
      let container = try CgroupDirectory("docker-\(hex).scope", in: mount)
      let process = try ChildProcess("cat", input: .open)
      try container.add(UInt32(process.pid))
      nstrace.process.send(SIGCONT)
      try nstrace.process.wait(for: "the recovery") { $0.outputText.contains(" resynced=1") }
      let told = try FollowingProgram.run(
        BuiltProducts.nstrace, ["containers", "--control", nstrace.control])
      #expect(told.output.contains("\(ContainerID(runtimeID: Array(hex.utf8)))"))
      try container.release(UInt32(process.pid))
      #expect(try nstrace.stop() == .exited(0))
    }

    /// What root keeps: CAP_DAC_READ_SEARCH and, where it asks by handles of nsfs, CAP_SYS_ADMIN.
    private static let keptByRoot =
      PinnedAnswers.areAskedFor ? "0000000000200004" : "0000000000000004"

    @Test func `root keeps what it needs, and the same sandbox`() throws {
      var nstrace = try FollowingProgram()
      try Self.waitUntilConfined(&nstrace)
      let found = try Self.privileges(of: nstrace.process.pid)
      #expect(found["Uid"] == "0 0 0 0")
      #expect(found["CapPrm"] == Self.keptByRoot)
      #expect(found["CapEff"] == Self.keptByRoot)
      #expect(found["NoNewPrivs"] == "1")
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `without the sandbox it keeps what it was started with`() throws {
      var nstrace = try FollowingProgram(["--no-sandbox"])
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.waitForEnd(of: pid)
      let found = try Self.privileges(of: nstrace.process.pid)
      #expect(found["Seccomp"] == "0")
      #expect(found["NoNewPrivs"] == "0")
      #expect(found["CapEff"] == (try Self.privileges(of: getpid())["CapEff"]))
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `nobody's files are nobody's, and its log can be rotated`() throws {
      let directory = try ScratchDirectory()
      let nobody = try #require(getpwnam("nobody")).pointee.pw_uid
      chmod(directory.path, 0o755)
      let spool = directory.file("spool")
      mkdir(spool, 0o700)
      chown(spool, nobody, 0)
      let (log, dump) = ("\(spool)/log", "\(spool)/dump")
      var nstrace = try FollowingProgram([
        "--user", "nobody", "--audit-log", log, "--record", dump,
      ])
      try Self.waitUntilConfined(&nstrace)
      #expect(rename(log, "\(log).1") == 0)
      nstrace.process.send(SIGHUP)
      try nstrace.process.wait(for: "the new log") { _ in Files.mode(log) == 0o600 }
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.waitForEnd(of: pid)
      #expect(try nstrace.stop() == .exited(0))
      #expect(AuditLine.all(in: try Files.text(log)).contains { $0["opid"] == "\(pid)" })
      #expect(!AuditLine.all(in: try Files.text("\(log).1")).contains { $0["opid"] == "\(pid)" })
      for file in [log, dump] {
        var status = stat()
        #expect(stat(file, &status) == 0)
        #expect(status.st_uid == nobody)
      }
    }

    @Test func `a file that nobody may not write is refused before anything is traced`() throws {
      let directory = try ScratchDirectory()
      var nstrace = try ChildProcess(
        BuiltProducts.nstrace,
        ["record", "--user", "nobody", directory.file("dump"), "--control", directory.file("s")])
      #expect(try nstrace.waitForExit() == .exited(77))
      let dump = directory.file("dump")
      #expect(nstrace.errorText.contains("cannot open \(dump): Permission denied"))
    }

    @Test func `a tracer of root's goes before those that flood it`() throws {
      var nstrace = try FollowingProgram([])
      let process = __priority_which_t(PRIO_PROCESS.rawValue)
      let nice = getpriority(process, id_t(nstrace.process.pid))
      #expect(nice == max(getpriority(process, 0) - 10, -20))
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test(arguments: ["root", "nobody-of-that-name"])
    func `a user that cannot be is wrong usage`(name: String) throws {
      var nstrace = try ChildProcess(BuiltProducts.nstrace, ["--follow", "--user", name])
      #expect(try nstrace.waitForExit() == .exited(64))
    }

    /// The attendant of a tracer: its only child.
    private static func attendant(of tracer: pid_t) throws -> pid_t {
      let children = try Files.text("/proc/\(tracer)/task/\(tracer)/children")
      let pids = children.split(separator: " ").compactMap { pid_t($0) }
      return try #require(pids.count == 1 ? pids[0] : nil)
    }

    @Test(arguments: [true, false])
    func `the attendant has the user, and nothing else of the tracer`(isNobody: Bool) throws {
      let directory = try ScratchDirectory()
      if isNobody { chown(directory.path, 65534, 65534) }
      let user = isNobody ? ["--user", "nobody"] : []
      var nstrace = try FollowingProgram(["--audit-log", directory.file("log")] + user)
      let pid = try Self.attendant(of: nstrace.process.pid)
      let found = try Self.privileges(of: pid)
      let expected =
        try isNobody
        ? Self.nobody()
        : found.merging(["CapPrm": "0000000000000002", "CapEff": "0000000000000002"]) { $1 }
      #expect(found == expected)
      #expect(found["Seccomp"] == "2" && found["NoNewPrivs"] == "1")
      let files = Files.names(in: "/proc/\(pid)/fd").compactMap {
        Files.link("/proc/\(pid)/fd/\($0)")
      }
      let control = nstrace.control.split(separator: "/").dropLast().joined(separator: "/")
      // The directory of the socket is root's, and so nobody has no way to the socket.
      let socket = isNobody ? [] : [nstrace.control]
      #expect(
        files.map { $0.hasPrefix("socket:") ? "socket" : $0 }.sorted()
          == ([directory.path, "/\(control)", "socket"] + socket).sorted())
      #expect(!(try Files.text("/proc/\(pid)/maps").contains("anon_inode:bpf")))
      nstrace.process.send(SIGKILL)
      #expect(try nstrace.process.waitForExit() == .signaled(SIGKILL))
      var watch = try ChildProcess("true")
      try watch.wait(for: "the attendant's end") { _ in
        // A zombie, where nobody reaps it.
        let stat = try? Files.text("/proc/\(pid)/stat")
        return stat.map { $0.contains(") Z ") } ?? true
      }
    }

    @Test func `without the attendant it goes on in the same log, and says so`() throws {
      let directory = try ScratchDirectory()
      let log = directory.file("log")
      var nstrace = try FollowingProgram(["--audit-log", log])
      kill(try Self.attendant(of: nstrace.process.pid), SIGKILL)
      let warning = "nstrace: warning: the attendant has ended: "
      try nstrace.process.wait(for: "the warning") { $0.errorText.contains(warning) }
      nstrace.process.send(SIGHUP)
      try nstrace.process.wait(for: "the refusal") {
        $0.errorText.contains("records still go to the old log")
      }
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      try nstrace.waitForEnd(of: pid)
      #expect(try nstrace.stop() == .exited(0))
      #expect(AuditLine.all(in: try Files.text(log)).contains { $0["opid"] == "\(pid)" })
      #expect(nstrace.process.errorText.components(separatedBy: warning).count == 2)
    }

    /// As a terminal sends it: to the tracer and the attendant.
    @Test func `an interrupt of both is a clean end`() throws {
      var nstrace = try FollowingProgram()
      let attendant = try Self.attendant(of: nstrace.process.pid)
      for signal in [SIGHUP, SIGTERM, SIGINT] { kill(attendant, signal) }
      #expect(try nstrace.stop() == .exited(0))
      #expect(Files.mode(nstrace.control) == nil)
      #expect(kill(attendant, 0) == -1)
      #expect(!nstrace.process.errorText.contains("warning"))
    }

    @Test func `a system call of another architecture ends it`() throws {
      var actor = try ChildProcess(BuiltProducts.nsactor, ["confined-compat"])
      #expect(try actor.waitForExit() == .signaled(SIGSYS))
    }
  }
}
