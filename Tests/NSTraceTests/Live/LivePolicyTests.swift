// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// `--policy` of a live run: what the kernel is told, and what a replay says.
  @Suite struct LivePolicyTests {
    private static func register(
      _ pid: Int32, _ arguments: [String], at control: String
    ) throws -> (status: ChildProcess.Status, output: String, errors: String) {
      var client = try ChildProcess(
        BuiltProducts.nstrace, ["register", "--pid", "\(pid)", "--control", control] + arguments)
      let status = try client.waitForExit()
      return (status, client.outputText, client.errorText)
    }

    private static func replay(_ dump: String, _ policy: String) throws -> String {
      try FollowingProgram.run(BuiltProducts.nstrace, ["replay", "--policy", policy, dump]).output
    }

    @Test func `random-only refuses a chosen ID and grants a random one`() throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      var nstrace = try FollowingProgram(["--policy", "random-only", "--record", dump])
      let target = try ChildProcess("cat", input: .open)
      let chosen = try Self.register(target.pid, ["42"], at: nstrace.control)
      #expect(chosen.status == .exited(77))
      #expect(chosen.errors == "nstrace: error: \(RegistrationError.notPermitted)\n")
      let random = try Self.register(target.pid, ["--random"], at: nstrace.control)
      #expect(random.status == .exited(0))
      let id = try #require(ContainerID(String(random.output.dropLast())))
      #expect(try nstrace.stop() == .exited(0))
      let told = AuditLine.all(in: nstrace.process.outputText).filter {
        $0.type == "CONTAINER_OP" && $0["opid"] == "\(target.pid)"
      }
      #expect(
        told.map { "\($0["contid"] ?? "") \($0["res"] ?? "")" } == ["42 0", "\(id) 1"])
      #expect(try Self.replay(dump, "random-only") == nstrace.process.outputText)
      #expect(try Self.replay(dump, "rfc") != nstrace.process.outputText)
    }

    @Test func `nested nests, in records and in the tree`() throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      var nstrace = try FollowingProgram(["--policy", "nested", "--record", dump])
      let target = try ChildProcess("cat", input: .open)
      #expect(try Self.register(target.pid, ["1"], at: nstrace.control).output == "1\n")
      #expect(try Self.register(target.pid, ["2"], at: nstrace.control).output == "2\n")
      let tree = try FollowingProgram.run(
        BuiltProducts.nstrace, ["tree", "--format", "json", "--control", nstrace.control])
      let objects = try JSONLines.all(in: tree.output)
      #expect(objects.map { $0["type"] as? String } == ["container", "container", "task"])
      #expect(objects.map { $0["contid"] as? String } == ["1", "2", nil])
      #expect(objects[1]["parents"] as? [String] == ["1"])
      #expect(objects[2]["container"] as? String == "2")
      #expect(objects[2]["contid"] as? [String] == ["2", "1"])
      #expect(try nstrace.stop() == .exited(0))
      #expect(try Self.replay(dump, "nested") == nstrace.process.outputText)
    }

    /// Each time by a process of its own, which is gone when the next one asks.
    @Test func `nested: an orchestrator puts a second process into its container`() throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      var nstrace = try FollowingProgram(["--policy", "nested", "--record", dump])
      let first = try ChildProcess("cat", input: .open)
      let second = try ChildProcess("cat", input: .open)
      let targets = [first.pid, second.pid]
      for id in ["1", "2"] {
        for target in targets {
          let asked = try Self.register(target, [id], at: nstrace.control)
          #expect(asked.output == "\(id)\n", "\(asked.errors)")
        }
      }
      #expect(try nstrace.stop() == .exited(0))
      let told = AuditLine.all(in: nstrace.process.outputText).filter { line in
        line.type == "CONTAINER_OP" && line["op"] == "set"
          && targets.contains { line["opid"] == "\($0)" }
      }
      #expect(
        told.map { "\($0["contid"] ?? "") \($0["old-contid"] ?? "")" } == [
          "1 -1", "1 -1", "2 1", "2 1",
        ])
      #expect(try Self.replay(dump, "nested") == nstrace.process.outputText)
    }

    @Test func `record judges by its policy too`() throws {
      let directory = try ScratchDirectory()
      let (dump, control) = (directory.file("dump"), directory.file("control.sock"))
      var nstrace = try FollowingProgram(
        program: BuiltProducts.nstrace, before: ["record", dump],
        ["--policy", "random-only", "--control", control])
      let target = try ChildProcess("cat", input: .open)
      #expect(try Self.register(target.pid, ["42"], at: control).status == .exited(77))
      #expect(try nstrace.stop() == .exited(0))
      let told = AuditLine.all(in: try Self.replay(dump, "random-only")).filter {
        $0.type == "CONTAINER_OP" && $0["opid"] == "\(target.pid)"
      }
      #expect(told.map { $0["res"] } == ["0"])
    }
  }
}
