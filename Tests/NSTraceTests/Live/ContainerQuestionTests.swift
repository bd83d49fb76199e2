// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// `nstrace containers` and `nstrace tree`, as users have them.
  @Suite struct ContainerQuestionTests {
    private static let id = "6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a11"

    /// A shell in net and UTS namespaces of its own, that forks two sleepers once it is registered.
    private static func family(_ nstrace: borrowing FollowingProgram) throws -> ChildProcess {
      var shell = try ChildProcess(
        "unshare",
        ["-nu", "setpriv", "--no-new-privs", "sh", "-c", "read go; sleep 600 & sleep 601 & cat"],
        input: .open)
      try shell.wait(for: "the shell") { Files.link("/proc/\($0.pid)/exe") == "/usr/bin/dash" }
      try FollowingProgram.run(
        BuiltProducts.nstrace,
        [
          "register", "--pid", "\(shell.pid)", "--control", nstrace.control, "--name", "w\u{1b}b",
          id,
        ])
      shell.sendLine()
      try shell.wait(for: "its children") { try Self.children(of: $0.pid).count == 3 }
      return shell
    }

    /// By pid, once they are all what they are to be.
    private static func children(of pid: pid_t) throws -> [(pid: Int32, program: String)] {
      try Files.text("/proc/\(pid)/task/\(pid)/children").split(separator: " ").compactMap {
        child in
        guard let program = Files.link("/proc/\(child)/exe"), program != "/usr/bin/dash" else {
          return nil
        }
        return Int32(child).map { ($0, program) }
      }
    }

    private static func ask(
      _ arguments: [String], of nstrace: borrowing FollowingProgram, by wrapper: [String] = []
    ) throws -> (status: ChildProcess.Status, output: String, errors: String) {
      let command = wrapper + [BuiltProducts.nstrace] + arguments + ["--control", nstrace.control]
      var client = try ChildProcess(command[0], Array(command.dropFirst()))
      let status = try client.waitForExit()
      return (status, client.outputText, client.errorText)
    }

    private static let kinds = ["mnt", "uts", "ipc", "pid", "user", "net", "cgroup", "time"]

    /// As the table has them.
    private static func namespaces(of pid: pid_t) throws -> String {
      try kinds.map { kind in
        let own = try #require(Files.inode("/proc/\(pid)/ns/\(kind)"))
        return "\(kind)=" + (own == Files.inode("/proc/2/ns/\(kind)") ? "host" : "\(own)")
      }.joined(separator: " ")
    }

    @Test func `they show a container that was registered, its tasks and who entered it`() throws {
      let before = ContinuousClock.now
      var nstrace = try FollowingProgram()
      var shell = try Self.family(nstrace)
      var visitor = try ChildProcess("nsenter", ["-t", "\(shell.pid)", "-n", "cat"], input: .open)
      try visitor.wait(for: "cat") { Files.link("/proc/\($0.pid)/exe") == "/usr/bin/cat" }
      let children = try Self.children(of: shell.pid)
      let namespaces = try Self.namespaces(of: shell.pid)
      let net = try #require(Files.inode("/proc/\(shell.pid)/ns/net"))

      let listed = try Self.ask(["containers"], of: nstrace)
      #expect(listed.status == .exited(0))
      #expect(listed.errors == "")
      let rows = listed.output.split(separator: "\n").map { $0.split(separator: " ") }
      #expect(rows.count == 2)
      #expect(
        rows[0] == ["CONTAINER", "NAME", "STATE", "TASKS", "NNP", "AGE", "NAMESPACES"])
      #expect(
        rows[1].prefix(7) == [Self.id[...], "w\\x1bb", "running,", "1", "visitor", "4", "1"])
      #expect(rows[1].dropFirst(8).joined(separator: " ") == namespaces)

      let tree = try Self.ask(["tree"], of: nstrace)
      #expect(tree.status == .exited(0))
      var lines = tree.output.split(separator: "\n").map(String.init)
      let first = lines.removeFirst()
      #expect(first.hasPrefix("container \(Self.id) w\\x1bb: running, 4 tasks, 1 visitor, "))
      #expect(
        lines == ["  \(namespaces)", "  \(shell.pid) sh /usr/bin/dash"]
          + children.map {
            "    \($0.pid) \($0.program.hasSuffix("cat") ? "cat" : "sleep") \($0.program)"
          } + ["host", "  \(visitor.pid) cat /usr/bin/cat cses=1 in net=\(net)(\(Self.id))"])

      let objects = try JSONLines.all(
        in: Self.ask(["tree", "--format", "json"], of: nstrace).output)
      #expect(
        objects.map { $0["type"] as? String } == [
          "container", "task", "task", "task", "task", "visitor",
        ])
      let container = try #require(objects.first)
      #expect(container["contid"] as? String == Self.id)
      #expect(container["name"] as? String == "w\u{1b}b")
      #expect(container["nnp"] as? Bool == true)
      let age = try #require(container["age_seconds"] as? Int)
      #expect((0...Int((ContinuousClock.now - before) / .seconds(1))).contains(age))
      let uses = try #require(container["namespaces"] as? [JSONLines.Object])
      #expect(uses.map { $0["nstype"] as? String } == Self.kinds)
      #expect(
        uses.map { $0["ino"] as? UInt32 }
          == Self.kinds.map { Files.inode("/proc/\(shell.pid)/ns/\($0)") })
      #expect(
        objects.dropFirst().map { $0["ppid"] as? Int32 }
          == [getpid()] + Array(repeating: shell.pid, count: 3) + [getpid()])
      let alone = try Self.ask(["containers", "--format", "json"], of: nstrace)
      #expect(alone.output.split(separator: "\n").count == 1)

      for child in children where child.program.hasSuffix("sleep") { kill(child.pid, SIGKILL) }
      shell.closeInput()
      #expect(try shell.waitForExit() == .exited(0))
      visitor.closeInput()
      #expect(try visitor.waitForExit() == .exited(0))
      try nstrace.process.wait(for: "the container's end") {
        $0.outputText.contains("op=drop opid=")
          && $0.outputText.contains(#"old-contid="\#(Self.id)""#)
      }
      #expect(try Self.ask(["containers", "--format", "json"], of: nstrace).output == "")
      #expect(try Self.ask(["tree"], of: nstrace).output == "")
      #expect(try nstrace.stop() == .exited(0))
    }

    /// T13: reading needs what setting needs.
    @Test(arguments: ["containers", "tree"])
    func `a caller without the capability is told nothing`(subject: String) throws {
      var nstrace = try FollowingProgram()
      let wrapper = ["setpriv", "--bounding-set=-audit_control", "--inh-caps=-audit_control"]
      let answer = try Self.ask([subject], of: nstrace, by: wrapper)
      #expect(answer.status == .exited(77))
      #expect(answer.output == "")
      #expect(
        answer.errors.hasPrefix("nstrace: error: reading container IDs needs CAP_AUDIT_CONTROL "))
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test(arguments: ["containers", "tree"])
    func `without a tracer they say what to do`(subject: String) throws {
      let directory = try ScratchDirectory()
      let path = directory.file("none")
      var client = try ChildProcess(BuiltProducts.nstrace, [subject, "--control", path])
      #expect(try client.waitForExit() == .exited(69))
      #expect(client.errorText.hasPrefix("nstrace: error: no tracer listens on \(path): start one"))
    }

    /// Four answers at a time: who took something longest ago makes room.
    @Test func `those who never read an answer cost little, and change nothing`() throws {
      var nstrace = try FollowingProgram(output: .file("/dev/null"))
      var shell = try Self.family(nstrace)
      let flood = Array(String(repeating: "{\"op\":\"tree\"}\n", count: 100_000).utf8)
      var deaf: [Int32] = []
      defer { deaf.forEach { close($0) } }
      let memoryBefore = try Files.residentKiB(of: nstrace.process.pid)
      for _ in 0..<5 {
        let peer = try ControlPeer(nstrace.control)
        #expect(peer.send(flood) < flood.count)
        deaf.append(peer.release())
      }
      #expect(Self.hungUp(deaf) == 1)
      let answer = try Self.ask(["tree"], of: nstrace)
      #expect(answer.status == .exited(0))
      #expect(answer.output.split(separator: "\n").count == 6)
      #expect(Self.hungUp(deaf) == 2)
      #expect(try Files.residentKiB(of: nstrace.process.pid) < memoryBefore + (16 << 10))
      for child in try Self.children(of: shell.pid) { kill(child.pid, SIGKILL) }
      shell.closeInput()
      try shell.waitForExit()
      #expect(try nstrace.stop() == .exited(0))
      #expect(nstrace.process.errorText.contains(" 0 lost\n"))
    }

    private static func hungUp(_ descriptors: [Int32]) -> Int {
      var fds = descriptors.map { pollfd(fd: $0, events: 0, revents: 0) }
      poll(&fds, nfds_t(fds.count), 0)
      return fds.count { $0.revents & Int16(POLLHUP | POLLERR) != 0 }
    }
  }
}
