// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

@testable import nstrace

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
            [id, "?"].contains(value) || ["drop", "update"].contains(line["op"]) && value == "-1",
            "\(line.text)")
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

    private static func rules(_ text: String, in directory: borrowing ScratchDirectory) throws
      -> String
    {
      let path = directory.file("rules")
      try Files.write(Array(text.utf8), to: path)
      return path
    }

    @Test func `a socket's reader has the copy, and its end is not the run's`() throws {
      let directory = try ScratchDirectory()
      let path = directory.file("socket")
      let address = try UnixAddress(path)
      let listener = try address.socket()
      defer { close(listener) }
      #expect(try address.bind(listener))
      #expect(listen(listener, 1) == 0)
      let rules = try Self.rules("contid=7 socket=\(path) format=json\n", in: directory)
      var nstrace = try FollowingProgram(["--route-rules", rules])
      let reader = accept(listener, nil, nil)
      #expect(reader >= 0)
      let target = try ChildProcess("cat", input: .open)
      try FollowingProgram.run(
        BuiltProducts.nstrace,
        ["register", "--pid", "\(target.pid)", "7", "--control", nstrace.control])
      var text = ""
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      while !text.contains(#""CONTAINER_ID""#) {
        let count = read(reader, &piece, piece.count)
        try #require(count > 0)
        text += String(decoding: piece[..<count], as: UTF8.self)
      }
      #expect(text.contains(#""op":"set","contid":["7"],"res":true}"#))
      close(reader)
      // The next event finds that the reader has gone.
      kill(target.pid, SIGKILL)
      try nstrace.process.wait(for: "a warning") { $0.errorText.contains("the copy \(path) ends") }
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `a link in place of the socket, a bad rule, and a file without --route are refused`()
      throws
    {
      let directory = try ScratchDirectory()
      let (path, link) = (directory.file("socket"), directory.file("link"))
      let address = try UnixAddress(path)
      let listener = try address.socket()
      defer { close(listener) }
      #expect(try address.bind(listener))
      #expect(listen(listener, 1) == 0)
      symlink(path, link)
      for (rule, message) in [
        ("contid=7 socket=\(link)", "connect to \(link): start its reader first"),
        ("contid=7 socket=\(path)\nfile=x", "line 2: give contid="),
        ("contid=7 file=x", "without a directory: give --route"),
      ] {
        let rules = try Self.rules(rule, in: directory)
        var nstrace = try ChildProcess(
          BuiltProducts.nstrace,
          ["--follow", "--route-rules", rules, "--control", directory.file("control")])
        #expect(try nstrace.waitForExit() == .exited(1))
        #expect(nstrace.errorText.contains(message), "\(nstrace.errorText)")
      }
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
