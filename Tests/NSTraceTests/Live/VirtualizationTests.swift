// SPDX-License-Identifier: Apache-2.0

import Testing

extension LiveTests {
  /// `--virt`, as the tools read it that people ask after virtual machines with.
  @Suite struct VirtualizationTests {
    /// A log in which a container of that name, in a network namespace of its own, begins and ends.
    private static func log(name: String, in directory: borrowing ScratchDirectory) throws -> String
    {
      let path = directory.file("log")
      var nstrace = try FollowingProgram(["--virt", "--audit-log", path])
      var target = try ChildProcess("unshare", ["-n", "cat"], input: .open)
      try target.wait(for: "the namespace") {
        try Files.text("/proc/\($0.pid)/comm") == "cat\n"
      }
      try FollowingProgram.run(
        BuiltProducts.nstrace,
        [
          "register", "--pid", "\(target.pid)", "--random", "--name", name, "--control",
          nstrace.control,
        ])
      target.closeInput()
      #expect(try target.waitForExit() == .exited(0))
      try nstrace.waitForEnd(of: target.pid)
      try #require(try nstrace.stop() == .exited(0))
      return path
    }

    private static func output(_ program: String, _ arguments: [String]) throws -> String {
      var process = try ChildProcess(program, arguments)
      #expect(try process.waitForExit() == .exited(0))
      #expect(process.errorText == "")
      return process.outputText
    }

    @Test func `ausearch finds a container by its name, and auvirt its time`() throws {
      let directory = try ScratchDirectory()
      let name = "nstrace-test-web"
      let log = try Self.log(name: name, in: directory)
      let found = AuditLine.all(
        in: try Self.output("ausearch", ["-if", log, "-vm", name, "--raw"]))
      #expect(
        found.map(\.type) == ["VIRT_MACHINE_ID", "VIRT_RESOURCE", "VIRT_CONTROL", "VIRT_CONTROL"])
      let uuid = try #require(found.first?["uuid"])
      let byUUID = try Self.output("ausearch", ["-if", log, "-uu", uuid, "--raw"])
      #expect(AuditLine.all(in: byUUID).map(\.serial) == found.map(\.serial))
      // A line for each session: name, user, when it began and when it ended.
      let sessions = try Self.output("auvirt", ["--file", log])
        .split(separator: "\n").filter { $0.hasPrefix(name) }
      #expect(sessions.count == 1)
      #expect(sessions.first?.contains(" - ") == true)
    }
  }
}
