// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing

extension LiveTests {
  /// `nstrace register --self --random`: setauditid(void) (T6).
  @Suite struct SelfRegistrationTests {
    private typealias Answer = (status: ChildProcess.Status, output: String, errors: String)

    private static func run(_ command: [String]) throws -> Answer {
      var process = try ChildProcess(command[0], Array(command.dropFirst()))
      return (try process.waitForExit(), process.outputText, process.errorText)
    }

    private static func registering(_ command: [String], at control: String) -> [String] {
      [BuiltProducts.nstrace, "register", "--self", "--random", "--control", control, "--"]
        + command
    }

    private static func asking(at control: String) -> [String] {
      [BuiltProducts.nstrace, "id", "--control", control]
    }

    private static func following() throws -> FollowingProgram {
      try FollowingProgram(["--policy", "random-only"])
    }

    /// As root, without a capability.
    private static func without(_ capability: String) -> [String] {
      ["setpriv", "--bounding-set", "-\(capability)", "--inh-caps", "-\(capability)"]
    }

    @Test
    func `"checking CAP_AUDIT_WRITE …, generating a random uuid and a matching getauditid()"`()
      throws
    {
      var nstrace = try Self.following()
      let answer = try Self.run(
        Self.without("audit_control")
          + Self.registering(Self.asking(at: nstrace.control), at: nstrace.control))
      #expect(answer.status == .exited(0))
      let id = try #require(ContainerID(answer.output.split(separator: "\n").joined()))
      #expect(id.high >> 12 & 0xf == 4, "a random UUID")
      #expect(answer.errors == "nstrace: registered as \(id)\n")
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `"irrevocable": a second time is refused`() throws {
      var nstrace = try Self.following()
      let again = Self.registering(["true"], at: nstrace.control)
      let answer = try Self.run(Self.registering(again, at: nstrace.control))
      #expect(answer.status == .exited(1))
      #expect(answer.errors.hasSuffix("\nnstrace: error: \(RegistrationError.exists)\n"))
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `who is inside a container keeps its session: it is refused`() throws {
      var nstrace = try Self.following()
      var container = try ChildProcess("unshare", ["-u", "cat"], input: .open)
      try container.wait(for: "the container's process") {
        Files.link("/proc/\($0.pid)/exe") == "/usr/bin/cat"
      }
      let given = try Self.run([
        BuiltProducts.nstrace, "register", "--random", "--pid", "\(container.pid)", "--control",
        nstrace.control,
      ])
      #expect(given.status == .exited(0))
      let answer = try Self.run(
        ["nsenter", "-t", "\(container.pid)", "-u"]
          + Self.registering(["true"], at: nstrace.control))
      #expect(answer.status == .exited(1))
      #expect(answer.errors == "nstrace: error: \(RegistrationError.exists)\n")
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `it takes CAP_AUDIT_WRITE in the initial user namespace`() throws {
      var nstrace = try Self.following()
      let command = Self.registering(["true"], at: nstrace.control)
      for wrapper in [Self.without("audit_write"), ["unshare", "-r"]] {
        let answer = try Self.run(wrapper + command)
        #expect(answer.status == .exited(77), "\(wrapper)")
        #expect(answer.errors == "nstrace: error: \(RegistrationError.notPermitted)\n")
      }
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `who may write audit records may neither register others nor read their IDs`() throws
    {
      var nstrace = try Self.following()
      let target = try ChildProcess("cat", input: .open)
      let words = [["register", "--random", "--pid", "\(target.pid)"], ["id", "\(target.pid)"]]
      for arguments in words {
        let answer = try Self.run(
          Self.without("audit_control") + [BuiltProducts.nstrace] + arguments
            + ["--control", nstrace.control])
        #expect(answer.status == .exited(77), "\(arguments)")
      }
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `another policy's tracer refuses it`() throws {
      var nstrace = try FollowingProgram()
      let answer = try Self.run(Self.registering(["true"], at: nstrace.control))
      #expect(answer.status == .exited(1))
      #expect(answer.errors == "nstrace: error: \(RegistrationError.notDescendant)\n")
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `a command that cannot be run has the status that env(1) has`() throws {
      var nstrace = try Self.following()
      for (command, status) in [("/nonexistent", Int32(127)), ("/", 126)] {
        let answer = try Self.run(Self.registering([command], at: nstrace.control))
        #expect(answer.status == .exited(status))
        #expect(answer.errors.contains("nstrace: error: cannot run \(command): "))
      }
      #expect(try nstrace.stop() == .exited(0))
    }
  }
}
