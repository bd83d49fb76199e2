// SPDX-License-Identifier: Apache-2.0

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

    /// What root keeps: CAP_DAC_OVERRIDE and, where it asks by handles of nsfs, CAP_SYS_ADMIN.
    private static let keptByRoot =
      PinnedAnswers.areAskedFor ? "0000000000200002" : "0000000000000002"

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

    @Test(arguments: ["root", "nobody-of-that-name"])
    func `a user that cannot be is wrong usage`(name: String) throws {
      var nstrace = try ChildProcess(BuiltProducts.nstrace, ["--follow", "--user", name])
      #expect(try nstrace.waitForExit() == .exited(64))
    }

    @Test(arguments: [false, true])
    func `what following does not need is refused`(appends: Bool) throws {
      let directory = try ScratchDirectory()
      let file = directory.file("log")
      try Files.write([], to: file)
      let (_, output) = try FollowingProgram.run(
        BuiltProducts.nsactor, ["confined", file, appends ? "1" : "0"])
      var said: [String: Int32] = [:]
      for line in output.split(separator: "\n") {
        let parts = line.dropFirst("confined.".count).split(separator: "=")
        said[String(parts[0])] = Int32(parts[1])
      }
      let refused = [
        "execve", "fork", "socket", "ptrace", "kill", "tgkill", "setuid", "unshare", "chmod",
        "unlinkdir", "bpf_map_create", "mmap_exec", "open_read", "open_write", "open_truncate",
        "open_file_handle", "poison_memory",
      ]
      var expected = Dictionary(uniqueKeysWithValues: refused.map { ($0, EPERM) })
      expected["open_log"] = appends ? 0 : EPERM
      expected["mmap"] = 0
      // Not EPERM: the kernel itself has nothing of that name, or no such handles.
      let ask = said.removeValue(forKey: "open_nsfs_handle")
      #expect(ask == ESTALE || ask == EBADF)
      // Nor has it such descriptors.
      for call in ["bpf_prog_info", "bpf_attach"] {
        let error = said.removeValue(forKey: call)
        #expect(error == EINVAL || error == EBADF)
      }
      #expect(said == expected)
    }

    @Test func `a system call of another architecture ends it`() throws {
      var actor = try ChildProcess(BuiltProducts.nsactor, ["confined-compat"])
      #expect(try actor.waitForExit() == .signaled(SIGSYS))
    }
  }
}
