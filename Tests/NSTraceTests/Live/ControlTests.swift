// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// The control socket and its client, as users have them.
  @Suite struct ControlTests {
    private static func register(
      _ pid: Int32, _ arguments: [String], at control: String, by wrapper: [String] = []
    ) throws -> (status: ChildProcess.Status, output: String, errors: String) {
      let command =
        wrapper + [
          BuiltProducts.nstrace, "register", "--pid", "\(pid)", "--control", control,
        ] + arguments
      var client = try ChildProcess(command[0], Array(command.dropFirst()))
      let status = try client.waitForExit()
      return (status, client.outputText, client.errorText)
    }

    /// The CONTAINER_OP records about a process, once there are as many: `op contid res`.
    private static func operations(
      _ nstrace: inout FollowingProgram, about pid: Int32, count: Int
    ) throws -> [String] {
      func found(_ output: String) -> [String] {
        AuditLine.all(in: output).filter {
          $0.type == "CONTAINER_OP" && $0["opid"] == "\(pid)"
        }.map { "\($0["op"] ?? "") \($0["contid"] ?? "") \($0["res"] ?? "")" }
      }
      try nstrace.process.wait(for: "\(count) records about \(pid)") {
        found($0.outputText).count >= count
      }
      return found(nstrace.process.outputText)
    }

    private static func target() throws -> ChildProcess { try ChildProcess("cat", input: .open) }

    @Test func `the client prints the ID and the tracer records it`() throws {
      var nstrace = try FollowingProgram()
      #expect(Files.mode(nstrace.control) == 0o600)
      let target = try Self.target()
      let id = "6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a11"
      let first = try Self.register(target.pid, [id, "--name", "web"], at: nstrace.control)
      #expect(first.status == .exited(0))
      #expect(first.output == "\(id)\n")
      #expect(first.errors == "")
      let second = try Self.register(target.pid, ["--random"], at: nstrace.control)
      #expect(second.status == .exited(1))
      #expect(second.output == "")
      #expect(second.errors == "nstrace: error: \(RegistrationError.exists)\n")
      let told = try Self.operations(&nstrace, about: target.pid, count: 2)
      #expect(told.first == "set \(id) 1")
      #expect(told.last?.hasPrefix("set ") == true && told.last?.hasSuffix(" 0") == true)
      #expect(try nstrace.stop() == .exited(0))
      #expect(Files.mode(nstrace.control) == nil)
    }

    /// Some report then always waits for its explanation.
    @Test func `it is answered while others enter namespaces whose makers have not reported them`()
      throws
    {
      let id = "6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a12"
      var nstrace = try FollowingProgram(["--contid", id])
      var first = try Self.race()
      var second = try Self.race()
      let target = try Self.target()
      let reply = try Self.register(target.pid, [id], at: nstrace.control)
      #expect(reply.status == .exited(0))
      #expect(reply.output == "\(id)\n")
      first.look()
      second.look()
      #expect(first.status == nil && second.status == nil)
      #expect(try Self.operations(&nstrace, about: target.pid, count: 1) == ["set \(id) 1"])
    }

    /// One that does not end by itself. The maker ends with the enterer.
    private static func race() throws -> ChildProcess {
      var enterer = try ChildProcess(BuiltProducts.nsactor, ["enter-race", "\(Int.max)"])
      try enterer.wait(for: "the maker") {
        try !Files.text("/proc/\($0.pid)/task/\($0.pid)/children").isEmpty
      }
      return enterer
    }

    @Test func `a random ID is a UUID of version 4`() throws {
      var nstrace = try FollowingProgram()
      let target = try Self.target()
      let reply = try Self.register(target.pid, ["--random"], at: nstrace.control)
      #expect(reply.status == .exited(0))
      let form = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\n/
      #expect(reply.output.wholeMatch(of: form) != nil)
      try nstrace.stop()
    }

    /// Who asks is judged by the kernel's word: the user, the capability, and where it is held.
    @Test(arguments: [
      ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
      ["setpriv", "--bounding-set=-audit_control", "--inh-caps=-audit_control"],
      ["unshare", "--user", "--map-root-user"],
    ])
    func `a caller without the capability is refused`(wrapper: [String]) throws {
      var nstrace = try FollowingProgram()
      chmod(nstrace.control, 0o666)
      let directory = nstrace.control.split(separator: "/").dropLast().joined(separator: "/")
      chmod("/\(directory)", 0o755)
      let target = try Self.target()
      let reply = try Self.register(target.pid, ["42"], at: nstrace.control, by: wrapper)
      #expect(reply.status == .exited(77))
      #expect(reply.errors == "nstrace: error: \(RegistrationError.notPermitted)\n")
      #expect(
        try Self.operations(&nstrace, about: target.pid, count: 1) == ["set 42 0"])
      try nstrace.stop()
    }

    @Test func `without a tracer the client says what to do`() throws {
      let directory = try ScratchDirectory()
      let path = directory.file("none")
      let reply = try Self.register(getpid(), ["42"], at: path)
      #expect(reply.status == .exited(69))
      #expect(reply.errors.hasPrefix("nstrace: error: no tracer listens on \(path): start one"))
    }

    @Test func `a stale socket is replaced and a live one is not`() throws {
      let directory = try ScratchDirectory()
      let path = directory.file("control.sock")
      var killed = try FollowingProgram(["--control", path])
      // Its attendant would remove the socket.
      let pid = killed.process.pid
      let children = try Files.text("/proc/\(pid)/task/\(pid)/children")
      let attendant = try #require(Int32(children.prefix { $0 != " " }))
      kill(attendant, SIGKILL)
      #expect(try killed.stop(SIGKILL) == .signaled(SIGKILL))
      #expect(Files.mode(path) == 0o600)
      var heir = try FollowingProgram(["--control", path])
      var second = try ChildProcess(BuiltProducts.nstrace, ["--follow", "--control", path])
      #expect(try second.waitForExit() == .exited(1))
      #expect(second.errorText.contains("another tracer listens on \(path)"))
      let target = try Self.target()
      #expect(try Self.register(target.pid, ["42"], at: path).status == .exited(0))
      try heir.stop()
      #expect(Files.mode(path) == nil)
    }

    @Test func `what is no socket is left alone`() throws {
      let directory = try ScratchDirectory()
      let path = directory.file("control.sock")
      try Files.write(Array("precious".utf8), to: path)
      var nstrace = try ChildProcess(BuiltProducts.nstrace, ["--follow", "--control", path])
      #expect(try nstrace.waitForExit() == .exited(1))
      #expect(try Files.text(path) == "precious")
    }

    /// Its name in the log is short: a megabyte of it hides what else is said there.
    struct Garbage: CustomTestStringConvertible, ExpressibleByStringLiteral {
      let line: String
      init(_ line: String) { self.line = line }
      init(stringLiteral line: String) { self.init(line) }
      var testDescription: String { "\(line.count) characters: \(line.prefix(40))" }
    }

    @Test(arguments: [
      "garbage\n", "\n", "{}\n", "[]\n", "{\"op\":\"dance\"}\n", "{\"op\":\"register\"}\n",
      "{\"op\":\"register\",\"pid\":-1,\"contid\":\"1\"}\n",
      "{\"op\":\"register\",\"pid\":1,\"self\":true,\"random\":true}\n",
      "{\"op\":\"id\",\"pid\":-1}\n",
      Garbage(String(repeating: "[", count: 60_000) + "\n"),
      Garbage(String(repeating: "x", count: 1 << 20) + "\n"), "\u{0}\u{1}\n",
    ])
    func `garbage is answered and the connection closed`(garbage: Garbage) throws {
      var nstrace = try FollowingProgram()
      let peer = try ControlPeer(nstrace.control)
      peer.send(Array(garbage.line.utf8))
      let received = peer.receiveAll()
      let answer = try #require(received)
      #expect(answer.hasPrefix("{\"error\":\"EPROTO\",\"message\":\""))
      #expect(answer.hasSuffix("\",\"ok\":false}\n"))
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `half a line, a thousand connections, and one who never reads change nothing`()
      throws
    {
      let directory = try ScratchDirectory()
      let output = directory.file("output")
      // Not a pipe: the refusals that are recorded would fill it.
      var nstrace = try FollowingProgram(output: .file(output))
      let files = "/proc/\(nstrace.process.pid)/fd"
      let filesBefore = Files.names(in: files).count
      let half = try ControlPeer(nstrace.control)
      half.send(Array("{\"op\":\"regis".utf8))
      let deaf = try ControlPeer(nstrace.control)
      // Each is answered by more than it is long, and no answer is ever taken.
      let request = Array("{\"op\":\"register\",\"pid\":4194304,\"contid\":\"7\"}\n".utf8)
      let flood = Array(repeatElement(request, count: 20_000).joined())
      let taken = deaf.send(flood)
      #expect(taken < flood.count)
      var crowd: [Int32] = []
      defer { crowd.forEach { close($0) } }
      for _ in 0..<1000 { crowd.append(try ControlPeer(nstrace.control).release()) }
      let target = try Self.target()
      let reply = try Self.register(target.pid, ["42"], at: nstrace.control)
      #expect(reply.output == "42\n")
      let (pid, _) = try FollowingProgram.run("unshare", ["-n", "true"])
      // 64 places; besides, a walk, and the process that is asked about.
      #expect(Files.names(in: files).count <= filesBefore + 64 + 2)
      #expect(try nstrace.stop() == .exited(0))
      #expect(nstrace.process.errorText.contains(" 0 lost\n"))
      let told = AuditLine.all(in: try Files.text(output)).filter { $0["opid"] == "\(pid)" }
      #expect(told.map(\.type).filter { $0.hasPrefix("NS_") } == ["NS_CREATE", "NS_DESTROY"])
    }

    @Test func `two hundred at once are all registered`() throws {
      var nstrace = try FollowingProgram()
      let script = """
        for i in $(seq 200); do sleep 10000 & t="$t $!"; done
        for p in $t; do "$0" register --pid $p --random --control "$1" & r="$r $!"; done
        failed=0; for p in $r; do wait $p || failed=$((failed + 1)); done
        kill $t; echo $failed
        """
      var clients = try ChildProcess("sh", ["-c", script, BuiltProducts.nstrace, nstrace.control])
      #expect(try clients.waitForExit() == .exited(0))
      #expect(clients.errorText == "")
      let lines = clients.outputText.split(separator: "\n")
      #expect(lines.last == "0")
      #expect(Set(lines.dropLast().compactMap { ContainerID(String($0)) }).count == 200)
      #expect(try nstrace.stop() == .exited(0))
      #expect(!nstrace.process.errorText.contains("too many clients"))
    }

    @Test func `three thousand connections of another user do not keep root out`() throws {
      var nstrace = try FollowingProgram()
      chmod(nstrace.control, 0o666)
      let directory = nstrace.control.split(separator: "/").dropLast().joined(separator: "/")
      chmod("/\(directory)", 0o755)
      var crowd = try ChildProcess(
        BuiltProducts.nsactor, ["connect-many", nstrace.control, "3000"], input: .open)
      try crowd.wait(for: "the crowd") {
        $0.outputText == "connect_many.connected=1\n" || $0.status != nil
      }
      #expect(crowd.status == nil)
      let target = try Self.target()
      let reply = try Self.register(target.pid, ["42"], at: nstrace.control)
      #expect(reply.output == "42\n")
      #expect(try nstrace.stop() == .exited(0))
      // By and by: the first are told at once, the others at the end.
      let told = nstrace.process.errorText.matches(of: /closed ([0-9]+) for others/)
      #expect(told.compactMap { Int($0.1) }.reduce(0, +) == 3001 - 64)
    }
  }
}
