// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// What people really run.
  @Suite struct ContainerTests {
    // The new one is mounted while ip is in it; then ip goes back.
    @Test func `ip netns: created, destroyed, created by who enters it, destroyed`() throws {
      var commands = try TracedCommands()
      let host = try commands.host()
      let name = "nstrace-test-\(getpid())"
      let added = try commands.run("ip", ["netns", "add", name])
      defer { _ = try? FollowingProgram.run("ip", ["netns", "del", name]) }
      let made = try #require(added.records.first?.namespace)
      #expect(Files.inode("/run/netns/\(name)") == made.inum)
      #expect(
        try added.records == [
          .created(.unshare, made, from: host[.net], opid: added.pid),
          .changed(.setns, host[.net], from: made, opid: added.pid),
          .destroyed(.setns, made, opid: added.pid),
        ])

      let executed = try commands.run(
        "ip", ["netns", "exec", name, BuiltProducts.nsactor, "report", "inside"])
      let inside = try ActorFacts(executed.output).place("inside")
      #expect(try inside[.net] == made)
      #expect(
        try executed.records == [
          .created(.setns, made, from: host[.net], opid: executed.pid),
          .created(.unshare, inside[.mnt], from: host[.mnt], opid: executed.pid),
          .destroyed(.exit, inside[.mnt], opid: executed.pid),
          .destroyed(.exit, made, opid: executed.pid),
        ])
      #expect(try commands.run("ip", ["netns", "del", name]).records == [])
      #expect(commands.trace.lost == 0)
    }

    @Test func `unshare -Urnpf --mount-proc`() throws {
      var commands = try TracedCommands()
      let host = try commands.host()
      let run = try commands.run(
        "unshare", ["-Urnpf", "--mount-proc", BuiltProducts.nsactor, "report", "child"])
      let child = try ActorFacts(run.output).place("child")
      #expect(child.tid == 1)
      let descendants = commands.trace.tree.tids.subtracting([run.pid])
      let opid = try #require(descendants.first)
      #expect(descendants.count == 1)
      let slots: [NamespaceSlot] = [.mnt, .pid, .user, .net]
      #expect(
        try run.records
          == slots.map { try .created(.unshare, child[$0], from: host[$0], opid: run.pid) }
          + [.changed(.clone, child[.pid], from: host[.pid], opid: opid)]
          + slots.map { try .destroyed(.exit, child[$0], opid: run.pid) })
      #expect(commands.trace.lost == 0)
    }

    @Test func `every namespace of a runc container is made once and ends once`() throws {
      let bundle = try ScratchDirectory()
      try Self.makeBundle(bundle.path)
      var commands = try TracedCommands()
      let host = try commands.host()
      let run = try commands.run(
        "runc",
        [
          "--root", bundle.file("state"), "run", "--bundle", bundle.path,
          "nstrace-test-\(getpid())",
        ])
      let inside = try ActorFacts(run.output).place("inside")
      #expect(inside.tid == 1)
      for kind in NamespaceKind.allCases {
        let slot = NamespaceSlot(membershipOf: kind)
        let (inum, old) = (try inside[slot].inum, try host[slot].inum)
        #expect((inum != old) == Self.unshared.contains(kind))
        guard inum != old else { continue }
        let told = run.records.filter { $0.kind == kind && $0.namespace?.inum == inum }
        let verbs = told.map(\.verb)
        #expect(verbs.first == .create && verbs.last == .destroy)
        #expect(verbs.filter { $0 != .change } == [.create, .destroy])
      }
      // Whatever else runc made on its way has ended too.
      var creations: [NamespaceID: Int] = [:]
      for record in run.records where record.verb != .change {
        let namespace = try #require(record.namespace)
        creations[namespace, default: 0] += record.verb == .create ? 1 : -1
      }
      #expect(creations.values.allSatisfy { $0 == 0 })
      #expect(!run.records.contains { $0.op == .late || $0.op == .resync || !$0.granted })
      #expect(commands.trace.lost == 0)
    }

    /// What `runc spec` asks for where cgroup v2 is not alone.
    private static let unshared: [NamespaceKind] = [.mnt, .uts, .ipc, .pid, .net]

    /// A container whose init says where it is, or runs that command; in that cgroup.
    static func makeBundle(
      _ path: String, _ command: [String] = ["/bin/busybox", "sh", "-c", facts],
      cgroup: String? = nil
    ) throws {
      try FollowingProgram.run("runc", ["spec", "--bundle", path])
      var spec = try JSONLines.object(try Files.text("\(path)/config.json"))
      var process = try #require(spec["process"] as? JSONLines.Object)
      process["terminal"] = false
      process["args"] = command
      spec["process"] = process
      if let cgroup, var linux = spec["linux"] as? JSONLines.Object {
        linux["cgroupsPath"] = cgroup
        spec["linux"] = linux
      }
      unlink("\(path)/config.json")
      try Files.write(try JSONLines.text(spec), to: "\(path)/config.json")
      for directory in ["rootfs", "rootfs/bin", "rootfs/proc"] {
        mkdir("\(path)/\(directory)", 0o755)
      }
      try Files.write(
        try Files.read("/bin/busybox"), to: "\(path)/rootfs/bin/busybox", mode: 0o755)
    }

    /// What `nsactor report inside` would print, if it were static.
    static let facts = """
      echo "inside.tid=$$"
      for slot in /proc/self/ns/*; do
        inum=$(busybox readlink $slot)
        inum=${inum#*[}
        echo "inside.${slot##*/}=${inum%]}/0"
      done
      """
  }
}
