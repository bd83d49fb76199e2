// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// `nstrace id`: getauditid() (T6), and who is at the other end of a socket (T20).
  @Suite struct IdentityQuestionTests {
    private typealias Answer = (status: ChildProcess.Status, output: String, errors: String)

    private static func run(_ command: [String]) throws -> Answer {
      var process = try ChildProcess(command[0], Array(command.dropFirst()))
      return (try process.waitForExit(), process.outputText, process.errorText)
    }

    private static func id(_ arguments: [String], at control: String) throws -> Answer {
      try run([BuiltProducts.nstrace, "id", "--control", control] + arguments)
    }

    private static func register(_ pid: Int32, _ id: String, at control: String) throws {
      let answer = try run([
        BuiltProducts.nstrace, "register", "--pid", "\(pid)", "--control", control, id,
      ])
      #expect(answer.status == .exited(0))
    }

    @Test func `it prints the ID of a process to whoever may ask`() throws {
      var nstrace = try FollowingProgram()
      let target = try ChildProcess("cat", input: .open)
      try Self.register(target.pid, "42", at: nstrace.control)
      let answer = try Self.id(["\(target.pid)"], at: nstrace.control)
      #expect(answer.status == .exited(0))
      #expect(answer.output == "42\n")
      #expect(answer.errors == "")
      let stranger = try Self.run([
        "unshare", "-r", BuiltProducts.nstrace, "id", "--control", nstrace.control,
        "\(target.pid)",
      ])
      #expect(stranger.status == .exited(77))
      #expect(stranger.output == "")
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `without a process it is about the one that asks`() throws {
      var nstrace = try FollowingProgram()
      var target = try ChildProcess(
        "sh", ["-c", "read x; \(BuiltProducts.nstrace) id --control \(nstrace.control)"],
        input: .open)
      try Self.register(target.pid, "42", at: nstrace.control)
      target.sendLine()
      #expect(try target.waitForExit() == .exited(0))
      #expect(target.outputText == "42\n")
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `a process without an ID, and none at all, have status 1`() throws {
      var nstrace = try FollowingProgram()
      let answer = try Self.id(["\(getpid())"], at: nstrace.control)
      #expect(answer.status == .exited(1))
      #expect(answer.output == "")
      #expect(answer.errors == "nstrace: error: process \(getpid()) has no container ID\n")
      let own = try Self.id([], at: nstrace.control)
      #expect(own.errors == "nstrace: error: this process has no container ID\n")
      let nobody = try Self.id(["4194303"], at: nstrace.control)
      #expect(nobody.status == .exited(1))
      #expect(nobody.errors == "nstrace: error: \(RegistrationError.noSuchTask)\n")
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `several IDs are printed as contid= has them`() throws {
      var nstrace = try FollowingProgram(["--policy", "nested"])
      let target = try ChildProcess("cat", input: .open)
      try Self.register(target.pid, "1", at: nstrace.control)
      try Self.register(target.pid, "2", at: nstrace.control)
      #expect(try Self.id(["\(target.pid)"], at: nstrace.control).output == "2,^1\n")
      #expect(try nstrace.stop() == .exited(0))
    }
  }
}

// MARK: - T20: who is at the other end of my socket?

extension LiveTests.IdentityQuestionTests {
  /// A process that serves one client on a socket, and then asks about it.
  private static func server(
    at path: String, asking control: String
  ) throws -> ChildProcess {
    var server = try ChildProcess(
      BuiltProducts.nsactor,
      ["serve", path, BuiltProducts.nstrace, "id", "--control", control, "--peer", "3"],
      input: .open)
    try server.wait(for: "its socket") { $0.outputText.contains("serve.listens=1") }
    return server
  }

  private static func client(at path: String) throws -> ChildProcess {
    var client = try ChildProcess(BuiltProducts.nsactor, ["dial", path], input: .open)
    try client.wait(for: "its connection") { $0.outputText.contains("dial.connected=1") }
    return client
  }

  private static func answer(of server: inout ChildProcess) throws -> [String] {
    try server.wait(for: "its client") { $0.outputText.contains("serve.serves=1") }
    server.closeInput()
    try server.waitForExit()
    return server.outputText.split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("serve.") }
  }

  @Test func `"used also for authorization purposes (by other processes on the host)"`() throws {
    var nstrace = try FollowingProgram()
    let directory = try ScratchDirectory()
    let path = directory.file("socket")
    var server = try Self.server(at: path, asking: nstrace.control)
    let client = try Self.client(at: path)
    try Self.register(client.pid, "42", at: nstrace.control)
    #expect(try Self.answer(of: &server) == ["42"])
    #expect(server.status == .exited(0))
    #expect(server.errorText == "")
    #expect(try nstrace.stop() == .exited(0))
  }

  @Test func `a peer that has ended is none, whoever has its number`() throws {
    var nstrace = try FollowingProgram()
    let directory = try ScratchDirectory()
    let path = directory.file("socket")
    var server = try Self.server(at: path, asking: nstrace.control)
    var client = try Self.client(at: path)
    client.closeInput()
    try client.waitForExit()
    #expect(try Self.answer(of: &server) == [])
    #expect(server.status == .exited(1))
    #expect(
      server.errorText
        == "nstrace: error: the process at the other end of descriptor 3 has ended, or is in another PID namespace\n"
    )
    #expect(try nstrace.stop() == .exited(0))
  }

  @Test func `what is no connected Unix socket has no peer`() throws {
    let answer = try Self.id(["--peer", "0"], at: "/nonexistent")
    #expect(answer.status == .exited(1))
    #expect(answer.errors.hasPrefix("nstrace: error: descriptor 0 is no connected Unix socket ("))
  }
}
