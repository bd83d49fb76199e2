// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

extension LiveTests {
  /// Container sessions outlive the program, as container IDs do (T4, docs/identity.md).
  @Suite struct SessionKeeperTests {
    private static let id = "6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a31"

    private static func follow(
      in fs: borrowing PrivateBPFFS, _ arguments: [String] = []
    ) throws -> FollowingProgram {
      try FollowingProgram(["--format", "audit", "--keep", fs.keep] + arguments)
    }

    /// A process in a network namespace of its own, registered as a container.
    private static func container(
      of nstrace: borrowing FollowingProgram
    ) throws -> ChildProcess {
      var container = try ChildProcess("unshare", ["-n", "cat"], input: .open)
      try container.wait(for: "cat") { Files.link("/proc/\($0.pid)/exe") == "/usr/bin/cat" }
      try FollowingProgram.run(
        BuiltProducts.nstrace,
        [
          "register", "--pid", "\(container.pid)", "--control", nstrace.control, "--name", "web",
          id,
        ])
      return container
    }

    /// Somebody who comes in from the host, and runs a shell script there.
    private static func visitor(
      in container: borrowing ChildProcess, _ script: String
    ) throws -> ChildProcess {
      var visitor = try ChildProcess(
        "nsenter", ["-t", "\(container.pid)", "-n", "sh", "-c", script], input: .open)
      try visitor.wait(for: "sh") { Files.link("/proc/\($0.pid)/exe")?.hasSuffix("sh") == true }
      return visitor
    }

    private static func child(of pid: Int32) -> Int32? {
      let children = try? Files.text("/proc/\(pid)/task/\(pid)/children")
      return children?.split(separator: " ").first.flatMap { Int32($0) }
    }

    /// The CONTAINER_SESSION lines of a session, once one has `op`.
    private static func passages(
      _ nstrace: inout FollowingProgram, of session: String, until op: String
    ) throws -> [AuditLine] {
      func found(_ output: String) -> [AuditLine] {
        AuditLine.all(in: output).filter {
          $0.type == "CONTAINER_SESSION" && $0["cses"] == session && $0["contid"] == id
        }
      }
      try nstrace.process.wait(for: "\(op) of session \(session)") {
        found($0.outputText).contains { $0["op"] == op }
      }
      return found(nstrace.process.outputText)
    }

    /// Waits until the keeper says that these processes are in its only session.
    private static func wait(
      for processes: [Int32], in fs: borrowing PrivateBPFFS, _ nstrace: inout FollowingProgram
    ) throws {
      let keep = fs.keep
      try nstrace.process.wait(for: "the session in the keeper") { _ in
        guard let keeper = try? Keeper(existingAt: keep),
          let kept = try? keeper.readSessions().kept,
          let inside = try? keeper.readInside(kept)
        else { return false }
        return kept.count == 1 && Set(inside.map(\.tgid)).isSuperset(of: processes.map(UInt32.init))
      }
    }

    @Test(arguments: [SIGKILL, SIGINT])
    func `a session outlives the tracer, with what is forked meanwhile`(_ signal: Int32) throws {
      let fs = try PrivateBPFFS()
      var first = try Self.follow(in: fs)
      var container = try Self.container(of: first)
      var visitor = try Self.visitor(in: container, "read x; unshare -i sleep 1000 & wait")
      let begun = try Self.passages(&first, of: "1", until: "begin")
      try Self.wait(for: [visitor.pid], in: fs, &first)
      _ = try first.stop(signal)
      #expect(fs.pins == PrivateBPFFS.allPins)
      // While no tracer runs it goes on.
      visitor.sendLine()
      try visitor.wait(for: "its child") {
        Self.child(of: $0.pid).flatMap { Files.link("/proc/\($0)/exe") }?.hasSuffix("sleep") == true
      }
      let child = try #require(Self.child(of: visitor.pid))

      var second = try Self.follow(in: fs)
      let resumed = try Self.passages(&second, of: "1", until: "resume")
      #expect(resumed.map { $0["op"] } == ["resume"])
      for field in ["contid", "pid", "uid", "auid", "ses", "comm", "exe", "how", "opid"] {
        #expect(resumed[0][field] == begun[0][field], "\(field)")
      }
      let list = try FollowingProgram.run(
        BuiltProducts.nstrace, ["sessions", "--format", "json", "--control", second.control]
      ).output
      #expect(list.contains(#""cses":1,"containers":[{"contid":"\#(Self.id)","name":"web"}]"#))
      // Who comes in now has another number.
      var other = try Self.visitor(in: container, "read x")
      _ = try Self.passages(&second, of: "2", until: "begin")
      kill(child, SIGKILL)
      _ = try visitor.waitForExit()
      let ended = try Self.passages(&second, of: "1", until: "end")
      #expect(ended.map { $0["op"] } == ["resume", "end"] && ended[1]["how"] == "exit")
      other.closeInput()
      _ = try other.waitForExit()
      _ = try Self.passages(&second, of: "2", until: "end")
      let made = AuditLine.all(in: second.process.outputText).filter {
        $0.type == "NS_DESTROY" && $0["opid"] == "\(child)"
      }
      #expect(made.map { $0["cses"] } == ["1"] && made.map { $0["nstype"] } == ["ipc"])
      container.closeInput()
      _ = try container.waitForExit()
      _ = try second.stop()
    }

    @Test func `one that ends while no tracer runs ends late, and no number comes again`() throws {
      let fs = try PrivateBPFFS()
      var first = try Self.follow(in: fs)
      let container = try Self.container(of: first)
      var visitor = try Self.visitor(in: container, "read x")
      try Self.wait(for: [visitor.pid], in: fs, &first)
      _ = try first.stop(SIGKILL)
      visitor.closeInput()
      _ = try visitor.waitForExit()

      var second = try Self.follow(in: fs)
      let ended = try Self.passages(&second, of: "1", until: "end")
      #expect(ended.map { $0["op"] } == ["end"] && ended[0]["late"] == "1")
      var next = try Self.visitor(in: container, "read x")
      _ = try Self.passages(&second, of: "2", until: "begin")
      next.closeInput()
      _ = try next.waitForExit()
      _ = try second.stop()

      // It is told once.
      var third = try Self.follow(in: fs)
      let last = try Self.visitor(in: container, "read x")
      #expect(try Self.passages(&third, of: "3", until: "begin").count == 1)
      let all = AuditLine.all(in: third.process.outputText).filter {
        $0.type == "CONTAINER_SESSION" && $0["contid"] == Self.id && $0["cses"] != "3"
      }
      #expect(all == [])
      _ = try third.stop()
      kill(last.pid, SIGKILL)
    }

    /// Once it has a line it forks and exits, and so does its child, 1 ms later, until the input ends.
    private static let chain = """
      import os, select
      os.read(0, 1)
      while not select.select([0], [], [], 0.001)[0]:
          if os.fork():
              os._exit(0)
      """

    @Test func `who forks again and again while a tracer starts sheds no session`() throws {
      let fs = try PrivateBPFFS()
      var first = try Self.follow(in: fs)
      let container = try Self.container(of: first)
      var visitor = try ChildProcess(
        "nsenter", ["-t", "\(container.pid)", "-n", "python3", "-c", Self.chain], input: .open)
      try Self.wait(for: [visitor.pid], in: fs, &first)
      visitor.sendLine()
      _ = try visitor.waitForExit()
      for _ in 1...3 {
        _ = try first.stop(SIGKILL)
        first = try Self.follow(in: fs)
        let passages = try Self.passages(&first, of: "1", until: "resume")
        #expect(passages.map { $0["op"] } == ["resume"])
      }
      visitor.closeInput()
      let all = try Self.passages(&first, of: "1", until: "end")
      #expect(all.map { $0["op"] } == ["resume", "end"] && all[1]["how"] == "exit")
      _ = try first.stop()
    }

    @Test func `a dump that begins after a restart replays to the same sessions`() throws {
      let fs = try PrivateBPFFS()
      let directory = try ScratchDirectory()
      let dump = directory.file("x.nsdump")
      var first = try Self.follow(in: fs)
      let container = try Self.container(of: first)
      var visitor = try Self.visitor(in: container, "read x")
      try Self.wait(for: [visitor.pid], in: fs, &first)
      _ = try first.stop(SIGKILL)
      var second = try Self.follow(in: fs, ["--record", dump])
      _ = try Self.passages(&second, of: "1", until: "resume")
      visitor.closeInput()
      _ = try visitor.waitForExit()
      _ = try Self.passages(&second, of: "1", until: "end")
      #expect(try second.stop() == .exited(0))
      let (_, replay) = try FollowingProgram.run(
        BuiltProducts.nstrace, ["replay", "--format", "audit", dump])
      #expect(replay == second.process.outputText)
    }

    @Test func `numbers go on where no container lived in between`() throws {
      let fs = try PrivateBPFFS()
      for number in ["1", "2"] {
        var nstrace = try Self.follow(in: fs)
        var container = try Self.container(of: nstrace)
        var visitor = try Self.visitor(in: container, "read x")
        _ = try Self.passages(&nstrace, of: number, until: "begin")
        for process in [visitor.pid, container.pid] { kill(process, SIGKILL) }
        _ = try visitor.waitForExit()
        _ = try container.waitForExit()
        _ = try Self.passages(&nstrace, of: number, until: "end")
        try nstrace.process.wait(for: "the drop") {
          AuditLine.all(in: $0.outputText).contains { $0["old-contid"] == Self.id }
        }
        #expect(try nstrace.stop() == .exited(0))
        #expect(fs.pins == ["rest"])
      }
      try Keeper.remove(at: fs.keep)
      #expect(Files.mode(fs.keep) == nil)
    }

    /// IDs come from cgroups, so no registration has pinned the keeper.
    @Test func `the number of a short session is not given again`() throws {
      let fs = try PrivateBPFFS()
      let mount = try #require(CgroupDirectory.mounts.first)
      let cgroup = try CgroupDirectory(
        "docker-\(String(repeating: "6d", count: 32)).scope", in: mount)
      var container = try ChildProcess("unshare", ["-n", "cat"], input: .open)
      try container.wait(for: "cat") { Files.link("/proc/\($0.pid)/exe") == "/usr/bin/cat" }
      try cgroup.add(UInt32(container.pid))
      for number in ["1", "2"] {
        var nstrace = try Self.follow(in: fs, ["--containers", "cgroup"])
        try FollowingProgram.run("nsenter", ["-t", "\(container.pid)", "-n", "true"])
        try nstrace.process.wait(for: "the session's end") {
          Self.ends(in: $0.outputText, of: number).count == 1
        }
        #expect(try nstrace.stop() == .exited(0))
        #expect(fs.pins == ["rest"])
      }
      container.closeInput()
      _ = try container.waitForExit()
    }

    private static func ends(in output: String, of session: String) -> [AuditLine] {
      AuditLine.all(in: output).filter {
        $0.type == "CONTAINER_SESSION" && $0["op"] == "end" && $0["cses"] == session
      }
    }

    /// A child that was born since its parent's word was written goes home before the next time.
    @Test func `who has gone home is in no session after a restart, wherever it goes then`() throws
    {
      let fs = try PrivateBPFFS()
      var first = try Self.follow(in: fs)
      let container = try Self.container(of: first)
      var visitor = try Self.visitor(
        in: container, "read x; nsenter -t \(getpid()) -n unshare -n cat; true")
      try Self.wait(for: [visitor.pid], in: fs, &first)
      visitor.sendLine()
      try visitor.wait(for: "its child") {
        Self.child(of: $0.pid).flatMap { Files.link("/proc/\($0)/exe") } == "/usr/bin/cat"
      }
      let child = try #require(Self.child(of: visitor.pid))
      let keep = fs.keep
      try first.process.wait(for: "the word of the child to be taken back") { _ in
        guard let keeper = try? Keeper(existingAt: keep),
          let kept = try? keeper.readSessions().kept,
          let inside = try? keeper.readInside(kept)
        else { return false }
        return !inside.contains { $0.tgid == UInt32(child) }
      }
      _ = try first.stop(SIGKILL)
      var second = try Self.follow(in: fs)
      _ = try Self.passages(&second, of: "1", until: "resume")
      let list = try FollowingProgram.run(
        BuiltProducts.nstrace, ["sessions", "--format", "json", "--control", second.control]
      ).output
      #expect(list.split(separator: "\n").count == 1)
      _ = try second.stop()
    }
  }
}
