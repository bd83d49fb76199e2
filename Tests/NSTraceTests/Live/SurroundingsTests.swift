// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

extension LiveTests {
  /// A tracer that runs in namespaces of its own.
  @Suite struct SurroundingsTests {
    private static let hex = "5b91" + String(repeating: "0c", count: 30)
    private static let id = "\(ContainerID(runtimeID: Array(hex.utf8)))"

    /// Becomes a program in a cgroup namespace and a mount namespace of its own, with cgroups mounted
    /// afresh, as a container has them: `$0` and what follows.
    private static func secluded(in own: [String]) throws -> [String] {
      let hierarchies = CgroupHierarchy.all(try Files.read("/proc/self/cgroup"))
      let mounts = CgroupDirectory.mounts.map { mount in
        let directory = String(decoding: mount.directory, as: UTF8.self)
        let controller = hierarchies.first { $0.number == mount.hierarchy }?.controller
        let type = controller.map { "cgroup -o \($0)" } ?? "cgroup2"
        return "umount -l \(directory); mount -t \(type) none \(directory) || exit 9; "
      }
      let moves = own.map { "echo $$ > \($0)/cgroup.procs || exit 9; " }
      let unshare = "exec unshare -C -m sh -c '\(mounts.joined())exec \"$0\" \"$@\"' \"$0\" \"$@\""
      return ["-c", moves.joined() + unshare]
    }

    @Test(arguments: CgroupDirectory.mounts)
    func `in a cgroup namespace of its own it tells the true paths`(_ mount: CgroupMount) throws {
      let container = try CgroupDirectory("docker-\(Self.hex).scope", in: mount)
      let own = try CgroupDirectory("docker-\(String(Self.hex.reversed())).scope", in: mount)
      let sleeper = try ChildProcess("cat", input: .open)
      try container.add(UInt32(sleeper.pid))
      let command = try Self.secluded(in: [own.directory])
      var nstrace = try FollowingProgram(
        program: "/bin/sh", before: command + [BuiltProducts.nstrace, "--follow"],
        ["--containers", "cgroup"])
      let told = try FollowingProgram.run(
        BuiltProducts.nstrace, ["containers", "--format", "json", "--control", nstrace.control])
      let lines = told.output.split(separator: "\n")
      #expect(
        lines.contains {
          $0.contains("\"\(Self.id)\"") && $0.contains("\"path\":\"\(container.path)\"")
        })
      #expect(lines.contains { $0.contains("\"path\":\"\(own.path)\"") })

      // Made while it runs: by the kernel side's word.
      let made = try CgroupDirectory("docker-\(Self.hex).scope", in: mount)
      let into = "echo $$ > \(made.directory)/cgroup.procs; exec unshare -n true"
      let (pid, _) = try FollowingProgram.run("/bin/sh", ["-c", into])
      try nstrace.waitForEnd(of: pid)
      #expect(try nstrace.stop() == .exited(0))
      let joined = AuditLine.all(in: nstrace.process.outputText)
        .filter { $0.type == "CONTAINER_OP" && $0["opid"] == "\(pid)" }
      #expect(joined.first?["contid"] == Self.id)
      try container.release(UInt32(sleeper.pid))
    }

    @Test func `without the right to mount them it says what to do`() throws {
      let mount = try #require(CgroupDirectory.mounts.first)
      let own = try CgroupDirectory("web", in: mount)
      var nstrace = try ChildProcess(
        "/bin/sh",
        try Self.secluded(in: [own.directory]) + [
          "setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin",
          BuiltProducts.nstrace, "--follow",
        ])
      #expect(try nstrace.waitForExit() == .exited(69))
      #expect(
        nstrace.errorText.hasPrefix("nstrace: error: nstrace sees only a part of the cgroups ("))
      #expect(nstrace.errorText.contains("(Operation not permitted): start it on the host, "))
    }

    @Test func `in a UTS namespace of its own it records the host's name`() throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      let own = try Files.read("/proc/sys/kernel/hostname").dropLast()
      let name = "echo nstrace-elsewhere > /proc/sys/kernel/hostname && exec \"$0\" \"$@\""
      var nstrace = try FollowingProgram(
        program: "unshare",
        before: ["-u", "/bin/sh", "-c", name, BuiltProducts.nstrace, "--follow"],
        ["--record", dump])
      #expect(try nstrace.stop() == .exited(0))
      var pipeline = Pipeline(from: try DumpSource(path: dump), to: CollectingSink())
      try pipeline.run()
      let recorded = try #require(pipeline.host?.hostname)
      // Where the tests are in a namespace of their own they do not know the host's.
      let isHosts = Files.link("/proc/self/ns/uts") == Files.link("/proc/2/ns/uts")
      #expect(recorded != Array("nstrace-elsewhere".utf8))
      if isHosts { #expect(recorded == Array(own)) }
    }

    @Test func `in a user namespace of its own it says what to do`() throws {
      var nstrace = try ChildProcess("unshare", ["-U", "-r", BuiltProducts.nstrace])
      #expect(try nstrace.waitForExit() == .exited(77))
      #expect(
        nstrace.errorText.hasPrefix(
          "nstrace: error: nstrace must run in the initial user namespace, "))
    }

    @Test func `in a time namespace of its own it says what to do`() throws {
      var nstrace = try ChildProcess(
        "unshare", ["-T", "--boottime", "1000", BuiltProducts.nstrace])
      #expect(try nstrace.waitForExit() == .exited(69))
      #expect(
        nstrace.errorText.hasPrefix(
          "nstrace: error: nstrace must run in the initial time namespace, "))
    }
  }
}
