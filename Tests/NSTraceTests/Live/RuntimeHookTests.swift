// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Foundation
import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// Runtimes that call `nstrace oci-hook`.
  @Suite struct RuntimeHookTests {
    /// What runc makes where cgroup v2 is not alone.
    private static let kinds = ["mnt", "uts", "ipc", "pid", "net"]

    @Test func `runc: whatever the container does carries its ID, and who enters it does not`()
      throws
    {
      var container = try HookedContainer()
      let bundle = try OCIBundle()
      try bundle.configure(hooks: ["createRuntime": [container.hook]])
      let name = "nstrace-test-\(getpid())"
      let runc = ["runc", "--root", bundle.file("state")]
      try container.start(runc + ["run", "--bundle", bundle.path, name])
      try FollowingProgram.run(
        "runc", runc.dropFirst() + ["exec", name, "/bin/busybox", "true"])
      try container.end(bundle)
      try Self.check(container, name: name)
      #expect(!container.lines.contains { $0.type == "CONTAINER_OP" && $0["res"] == "0" })
    }

    @Test func `podman: the same, for an ID of 64 digits`() throws {
      var container = try HookedContainer()
      let bundle = try OCIBundle()
      let podman = try Self.podman(bundle, hook: container.hook)
      let name = "nstrace-test-\(getpid())"
      try container.start(
        podman + [
          "run", "--rm", "--name", name, "--cidfile", bundle.file("id"), "--network", "none",
          "--log-driver", "none", "--cap-add", "SYS_ADMIN",
          // More than the caller has is not everywhere its to give.
          "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
          "--rootfs", bundle.file("rootfs"),
        ] + OCIBundle.command)
      try FollowingProgram.run(
        podman[0], podman.dropFirst() + ["exec", name, "/bin/busybox", "true"])
      let id = try Files.text(bundle.file("id"))
      #expect(id.wholeMatch(of: /[0-9a-f]{64}/) != nil)
      try container.end(bundle)
      try Self.check(container, name: id)
    }

    /// As it is installed.
    private static let shipped = Repository.path("packaging/hooks.d/nstrace.json")

    /// Nothing of it outside the bundle.
    private static func podman(
      _ bundle: borrowing OCIBundle, hook: [String]
    ) throws -> [String] {
      let hooks = bundle.file("hooks.d")
      mkdir(hooks, 0o755)
      var file = try JSONLines.object(try Files.text(shipped))
      file["hook"] = ["path": hook[0], "args": hook] as JSONLines.Object
      try Files.write(try JSONLines.text(file), to: "\(hooks)/nstrace.json")
      return [
        "podman", "--root", bundle.file("storage"), "--runroot", bundle.file("run"),
        "--tmpdir", bundle.file("tmp"), "--storage-driver", "vfs", "--events-backend", "none",
        "--runtime", "runc", "--cgroup-manager", "cgroupfs", "--hooks-dir", hooks,
      ]
    }

    private static func check(_ container: borrowing HookedContainer, name: String) throws {
      let id = "\(ContainerID(runtimeID: Array(name.utf8)))"
      checkRegistration(container, id, name: name)
      checkOwnNamespaces(container, id)
      checkTasks(container, id)
      checkVisitor(container, id)
    }

    /// The runtime's init, a Go program, and its threads, each once.
    private static func checkRegistration(
      _ container: borrowing HookedContainer, _ id: String, name: String
    ) {
      let joined = container.joined
      #expect(joined.count > 1)
      #expect(Set(joined.map { $0["opid"] }).count == joined.count)
      #expect(
        joined.allSatisfy {
          $0["contid"] == id && $0["old-contid"] == "-1" && $0["name"] == "\"\(name)\""
        })
      let dropped = container.lines("CONTAINER_OP", "drop")
      #expect(dropped.map { $0["old-contid"] } == [id])
      #expect(dropped.map { $0["name"] } == ["\"\(name)\""])
    }

    /// Made before the hook runs, tied to the container by it, and gone with it.
    private static func checkOwnNamespaces(_ container: borrowing HookedContainer, _ id: String) {
      let assigned = container.lines("NS_CHANGE", "assign")
      #expect(assigned.map { $0["nstype"] } == kinds)
      #expect(assigned.allSatisfy { $0["contid"] == id && $0["ns-contid"] == "-1" })
      let own = assigned.map { $0["ino"] }
      let serial = assigned.first?.serial ?? 0
      // Inode numbers are given away again: the last one counts.
      let made = own.compactMap { ino in
        container.lines.last { $0.type == "NS_CREATE" && $0.serial < serial && $0["ino"] == ino }
      }
      #expect(made.map { $0["ino"] } == own)
      #expect(made.allSatisfy { $0["contid"] == "-1" })
      let last = container.lines("CONTAINER_OP", "drop").first?.serial
      let ended = container.lines.filter { $0.type == "NS_DESTROY" && $0.serial == last }
      #expect(ended.map { $0["ino"] } == own)
      #expect(ended.allSatisfy { $0["contid"] == id })
    }

    /// Every task of the container was registered or was born with the number of the registration.
    private static func checkTasks(_ container: borrowing HookedContainer, _ id: String) {
      let tree = container.tree
      let first = container.first
      let number = tree.registrations.first { $0.target_tid == first && $0.container != 0 }?
        .container
      let joined = Set(container.joined.compactMap { $0["opid"] }.compactMap { UInt32($0) })
      let born = tree.forks.filter { !joined.contains($0.child.tid) }
      #expect(number != nil && born.count > 3)
      #expect(born.allSatisfy { $0.container == number })
      #expect(tree.tids == joined.union(born.map(\.child.tid)))
      let serial = container.joined.first?.serial ?? 0
      let told = container.lines.filter {
        $0.serial > serial && $0.type.hasPrefix("NS_")
          && $0["opid"].flatMap { UInt32($0) }.map { tree.tids.contains($0) } == true
      }
      #expect(told.allSatisfy { $0["contid"] == id })
      let created = told.filter { $0.type == "NS_CREATE" }
      #expect(created.map { $0["nstype"] } == OCIBundle.made.map { "\($0)" })
    }

    /// T12: who comes from outside is not of the container, and is said to be in its namespaces.
    private static func checkVisitor(_ container: borrowing HookedContainer, _ id: String) {
      let entered = container.lines("NS_CHANGE", "setns").filter { $0["ns-contid"] == id }
      #expect(entered.compactMap { $0["nstype"] }.sorted() == kinds.sorted())
      #expect(Set(entered.map { $0["opid"] }).count == 1)
      #expect(entered.allSatisfy { $0["contid"] == "-1" })
      // T4: a session of its own, which what it forks has too.
      let session = entered.first?["cses"].flatMap { UInt32($0) } ?? 0
      #expect(session > 0)
      #expect(entered.allSatisfy { $0["cses"] == "\(session)" })
      let born = container.lines("NS_CHANGE", "clone").filter { $0["ns-contid"] == id }
      #expect(born.map { $0["nstype"] } == ["pid"])
      #expect(born.allSatisfy { $0["contid"] == "-1" && $0["cses"] == "\(session)" })
    }

    /// From its cgroup it has the ID that a hook would have given it, and has it from the start.
    @Test func `podman without a hook: the same ID, and the namespaces are made with it`() throws {
      var nstrace = try FollowingProgram(["--containers", "cgroup"])
      let bundle = try OCIBundle()
      let podman = try Self.podman(bundle, hook: ["/nonexistent"])
      unlink("\(bundle.file("hooks.d"))/nstrace.json")
      try FollowingProgram.run(
        podman[0],
        podman.dropFirst() + [
          "run", "--rm", "--network", "none", "--log-driver", "none",
          "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
          "--rootfs", bundle.file("rootfs"), "/bin/busybox", "true",
        ])
      try nstrace.process.wait(for: "its end") { $0.outputText.contains(" op=drop ") }
      #expect(try nstrace.stop() == .exited(0))
      let lines = AuditLine.all(in: nstrace.process.outputText)
      let operations = lines.filter { $0.type == "CONTAINER_OP" }
      let name = try #require(operations.first?["name"]).trimmingCharacters(in: ["\""])
      #expect(name.wholeMatch(of: /[0-9a-f]{64}/) != nil)
      let id = "\(ContainerID(runtimeID: Array(name.utf8)))"
      #expect(operations.first?["contid"] == id)
      #expect(operations.filter { $0["op"] == "drop" }.map { $0["old-contid"] } == [id])
      let made = lines.filter { $0.type == "NS_CREATE" && $0["contid"] == id }
      #expect(Set(made.compactMap { $0["nstype"] }) == Set(Self.kinds))
    }

    @Test func `a hook that is called in two stages registers once`() throws {
      var container = try HookedContainer()
      let bundle = try OCIBundle()
      let hook = container.hook
      try bundle.configure(hooks: ["prestart": [hook], "createRuntime": [hook]])
      let name = "nstrace-test-\(getpid())"
      try container.start(
        ["runc", "--root", bundle.file("state"), "run", "--bundle", bundle.path, name])
      try container.end(bundle)
      let asked = container.lines("CONTAINER_OP", "set")
      let id = "\(ContainerID(runtimeID: Array(name.utf8)))"
      #expect(asked.allSatisfy { $0["contid"] == id })
      let refused = asked.filter { $0["res"] == "0" }
      #expect(refused.map { $0["opid"] } == ["\(container.first)"])
      #expect(refused.map { $0["old-contid"] } == [id])
    }

    @Test func `a process of another container is refused`() throws {
      var nstrace = try FollowingProgram()
      let target = try ChildProcess("cat", input: .open)
      let state = #"{"id":"one","status":"creating","pid":\#(target.pid)}"#
      #expect(try Self.hook(state, nstrace.control, ["--required"]).status == .exited(0))
      #expect(try Self.hook(state, nstrace.control, ["--required"]).status == .exited(0))
      let other = #"{"id":"other","status":"creating","pid":\#(target.pid)}"#
      let refused = try Self.hook(other, nstrace.control, ["--required"])
      #expect(refused.status == .exited(1))
      #expect(refused.errors.hasPrefix("nstrace: error: \(RegistrationError.exists): "))
      let warned = try Self.hook(other, nstrace.control)
      #expect(warned.status == .exited(0))
      #expect(warned.errors.hasPrefix("nstrace: warning: \(RegistrationError.exists): "))
      try nstrace.stop()
    }

    /// Its pid 1 is not the host's.
    @Test func `a hook in another PID namespace is refused`() throws {
      var nstrace = try FollowingProgram()
      let state = #"{"id":"one","status":"creating","pid":1}"#
      let refused = try Self.hook(
        state, nstrace.control, ["--required"], by: ["unshare", "--pid", "--fork"])
      #expect(refused.status == .exited(1))
      #expect(refused.errors.hasPrefix("nstrace: error: the caller is in another PID namespace"))
      try nstrace.stop()
      #expect(!nstrace.process.outputText.contains("type=CONTAINER_OP "))
    }

    @Test func `without a tracer a container starts, unless it is required`() throws {
      let directory = try ScratchDirectory()
      let state = #"{"id":"one","status":"creating","pid":\#(getpid())}"#
      let path = directory.file("none")
      let warned = try Self.hook(state, path)
      #expect(warned.status == .exited(0))
      #expect(warned.errors.hasPrefix("nstrace: warning: no tracer listens on \(path): "))
      let failed = try Self.hook(state, path, ["--required"])
      #expect(failed.status == .exited(69))
      #expect(failed.errors.hasPrefix("nstrace: error: no tracer listens on \(path): "))
    }

    @Test func `what is no state is said, and a stopped container is none`() throws {
      let directory = try ScratchDirectory()
      let path = directory.file("none")
      let failed = try Self.hook("{", path, ["--required"])
      #expect(failed.status == .exited(1))
      #expect(failed.errors.hasPrefix("nstrace: error: standard input is not the state"))
      #expect(try Self.hook("{", path).status == .exited(0))
      let stopped = #"{"id":"one","status":"stopped"}"#
      let nothing = try Self.hook(stopped, path, ["--required"])
      #expect(nothing.status == .exited(0))
      #expect(nothing.errors == "")
    }

    private static func hook(
      _ state: String, _ control: String, _ arguments: [String] = [], by wrapper: [String] = []
    ) throws -> (status: ChildProcess.Status, errors: String) {
      let directory = try ScratchDirectory()
      try Files.write(Array(state.utf8), to: directory.file("state"))
      let command =
        wrapper + [BuiltProducts.nstrace, "oci-hook", "--control", control] + arguments
      var process = try ChildProcess(
        command[0], Array(command.dropFirst()),
        input: .file(directory.file("state")))
      let status = try process.waitForExit()
      return (status, process.errorText)
    }
  }
}
