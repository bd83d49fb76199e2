// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// Containers' own copies of the records, beside real runtimes.
  @Suite struct RouteTests {
    private static func run(_ hook: [String], _ name: String, _ bundle: borrowing OCIBundle) throws
      -> [String]
    {
      try bundle.configure(hooks: ["createRuntime": [hook]])
      return ["runc", "--root", bundle.file("state"), "run", "--bundle", bundle.path, name]
    }

    private static func id(_ name: String) -> String {
      "\(ContainerID(runtimeID: Array(name.utf8)))"
    }

    @Test func `runc: its copy has what it did and nothing of the host, and a replay has the same`()
      throws
    {
      let routes = try ScratchDirectory()
      var container = try HookedContainer(["--route", routes.path])
      let bundle = try OCIBundle()
      let name = "nstrace-test-\(getpid())"
      let runc = try Self.run(container.hook, name, bundle)
      try container.start(runc)
      // From the host, beside it, and then inside it.
      try FollowingProgram.run("unshare", ["-n", "true"])
      try FollowingProgram.run(
        "nsenter", ["-t", "\(try Self.first(in: routes.path, container))", "-n", "true"])
      try container.end(bundle)
      let id = Self.id(name)
      #expect(Files.names(in: routes.path) == ["\(id).log"])
      #expect(Files.mode(routes.file("\(id).log")) == 0o600)
      let copy = try Files.text(routes.file("\(id).log"))
      Self.check(AuditLine.all(in: copy), id, container)

      let again = try ScratchDirectory()
      var replay = try ChildProcess(
        BuiltProducts.nstrace,
        ["replay", container.dump, "--format", "none", "--route", again.path])
      #expect(try replay.waitForExit() == .exited(0))
      #expect(Files.names(in: again.path) == ["\(id).log"])
      #expect(try Files.text(again.file("\(id).log")) == copy)
    }

    /// The pid of the container's first task on the host.
    private static func first(
      in routes: String, _ container: borrowing HookedContainer
    ) throws -> UInt32 {
      let set = AuditLine.all(in: container.printed).first {
        $0.type == "CONTAINER_OP" && $0["op"] == "set" && $0["res"] == "1"
      }
      return try #require(set?["opid"].flatMap { UInt32($0) })
    }

    private static func check(
      _ copy: [AuditLine], _ id: String, _ container: borrowing HookedContainer
    ) {
      #expect(Set(copy.map(\.serial)) == Set(1...(copy.last?.serial ?? 0)))
      for line in copy {
        for field in ["pid", "ppid", "opid", "auid", "ses", "exe", "old-ino"] {
          #expect(line[field] == nil || line[field] == "?", "\(line.text)")
        }
        for field in ["contid", "old-contid", "ns-contid"] {
          let value = line[field] ?? id
          #expect(
            [id, "?"].contains(value) || line["op"] == "drop" && value == "-1", "\(line.text)")
        }
      }
      // The events of the host's stream that name it, with their records of its namespaces.
      let serials = Set(container.lines.filter { $0.type == "CONTAINER_ID" }.map(\.serial))
      #expect(serials.count == copy.last?.serial)
      let created = copy.filter { $0.type == "UNKNOWN[1390]" }.compactMap { $0["nstype"] }
      #expect(created == OCIBundle.made.map { "\($0)" })
      let sessions = copy.filter { $0.type == "UNKNOWN[1397]" }
      #expect(sessions.compactMap { $0["op"] } == ["begin", "end"])
      #expect(sessions.first?["how"] == "setns:net")
      #expect(copy.last { $0.type == "UNKNOWN[1395]" }?["op"] == "drop")
    }

    @Test func `a directory that is not safe is refused at the start`() throws {
      let routes = try ScratchDirectory()
      chmod(routes.path, 0o777)
      var nstrace = try ChildProcess(
        BuiltProducts.nstrace,
        ["--follow", "--route", routes.path, "--control", routes.file("control")])
      #expect(try nstrace.waitForExit() == .exited(77))
      #expect(nstrace.errorText.contains("to which others may write"))
    }

    @Test func `without a log SIGHUP opens copies anew, and the run goes on`() throws {
      let routes = try ScratchDirectory()
      var nstrace = try FollowingProgram(["--route", routes.path])
      let target = try ChildProcess("cat", input: .open)
      func register(_ id: String) throws {
        let target = try ChildProcess("cat", input: .open)
        try FollowingProgram.run(
          BuiltProducts.nstrace,
          ["register", "--pid", "\(target.pid)", id, "--control", nstrace.control])
        try nstrace.process.wait(for: "the copy of \(id)") { _ in
          (try? Files.text(routes.file("\(id).log")).contains(" op=set ")) ?? false
        }
      }
      try register("7")
      rename(routes.file("7.log"), routes.file("7.log.1"))
      nstrace.process.send(SIGHUP)
      try register("8")
      #expect(try nstrace.stop() == .exited(0))
      #expect(Files.names(in: routes.path).sorted() == ["7.log.1", "8.log"])
      _ = target.pid
    }
  }
}
