// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

extension LiveTests {
  /// Cgroups of the real kernel, and the containers that their paths tell of.
  @Suite struct CgroupTests {
    private static let hex = "5b8f" + String(repeating: "0a", count: 30)
    private static let id = ContainerID(runtimeID: Array(hex.utf8))

    /// What has been said of containers, of those tasks.
    private func said(_ trace: borrowing LiveTrace, _ tids: Set<UInt32>) -> [String] {
      trace.events.flatMap(\.containers).filter { tids.contains($0.opid) }.map(\.line)
    }

    private func cgroup(of tid: UInt32, _ trace: borrowing LiveTrace) -> String? {
      trace.state.taskSummaries.first { $0.tid == tid }
        .map { String(decoding: $0.cgroup.bytes, as: UTF8.self) }
    }

    @Test(arguments: CgroupDirectory.mounts)
    func `a process that is moved into a container and out again`(_ mount: CgroupMount) throws {
      var trace = try LiveTrace.attached(containers: .cgroup)
      let container = try CgroupDirectory("docker-\(Self.hex).scope", in: mount)
      var actor = try FamilyActor(in: &trace)
      let (tid, id) = (actor.tid, Self.id)
      try container.add(tid)
      try trace.drain(until: "the move") { !said($0, [tid]).isEmpty }
      #expect(said(trace, [tid]) == ["set \(id) opid \(tid) <- -1"])
      let event = try #require(trace.events.last { !$0.containers.isEmpty })
      #expect(event.subject?.task.tgid == UInt32(getpid()))
      #expect(event.containers[0].name == Array(Self.hex.utf8))
      #expect(cgroup(of: tid, trace) == container.path)

      actor.begin()
      try actor.waitUntilDone(&trace)
      let family = trace.tree.tids
      let alive = trace.state.taskSummaries.filter { family.contains($0.tid) }
      #expect(alive.count >= 1 + 2 * actor.births)
      #expect(alive.allSatisfy { $0.containers.description == "\(id)" })

      try container.release(tid)
      try trace.drain(until: "the way out") { said($0, [tid]).count == 2 }
      #expect(said(trace, [tid])[1] == "set -1 opid \(tid) <- \(id)")
      try actor.end(&trace)
      let last = try #require(trace.events.flatMap(\.containers).last { $0.verb == .drop })
      #expect(last.old.description == "\(id)" && last.opid != tid && family.contains(last.opid))
      #expect(trace.lost == 0)
    }

    /// A container with the host's namespaces, as with `--network host`; then somebody comes home.
    @Test(arguments: ["net", "time"])
    func `who returns to the host's namespaces enters no container's`(_ kind: String) throws {
      let mount = try #require(CgroupDirectory.mounts.first)
      let container = try CgroupDirectory("docker-\(Self.hex).scope", in: mount)
      let sleeper = try ChildProcess("cat", input: .open)
      try container.add(UInt32(sleeper.pid))
      var trace = try LiveTrace.attached(containers: .cgroup)
      #expect(trace.state.containers(of: UInt32(sleeper.pid)).description == "\(Self.id)")
      let home = "--\(kind)=/proc/\(getpid())/ns/\(kind)"
      var actor = try trace.start("unshare", ["--\(kind)", "nsenter", home, "true"])
      try trace.follow(&actor)
      #expect(actor.status == .exited(0))
      let returns = trace.treeEvents.flatMap(\.namespaces).filter {
        $0.op == .setns && $0.verb == .change
      }
      #expect(returns.map { "\($0.kind?.name ?? "")" } == [kind])
      #expect(returns.allSatisfy { $0.namespaceContainers.isUnset && $0.session == nil })
      #expect(trace.lost == 0)
    }

    @Test(arguments: CgroupDirectory.mounts)
    func `all threads of a process move`(_ mount: CgroupMount) throws {
      var trace = try LiveTrace.attached(containers: .cgroup)
      let container = try CgroupDirectory("lxc.payload.\(Self.hex)", in: mount)
      var holder = try trace.start(BuiltProducts.nsactor, ["hold"], input: .open)
      try holder.wait(for: "the tasks") { $0.outputText.contains("all.ready=") }
      try trace.drain(until: "their births") { $0.tree.tids.count > 70 }
      let own = trace.state.taskSummaries.filter { trace.tree.tids.contains($0.tid) }
      let process = try #require(own.last { $0.tid != $0.tgid }?.tgid)
      let threads = Set(own.filter { $0.tgid == process }.map(\.tid))
      #expect(threads.count == 2)
      try container.add(process)
      try trace.drain(until: "the moves") { said($0, threads).count == 2 }
      #expect(said(trace, threads) == threads.sorted().map { "set \(Self.id) opid \($0) <- -1" })
      holder.closeInput()
      try trace.follow(&holder)
      #expect(said(trace, threads).last?.hasPrefix("drop -1 opid ") == true)
      #expect(trace.lost == 0)
    }

    @Test func `a child that is born into another cgroup, in a namespace of its own`() throws {
      let mount = try #require(CgroupDirectory.mounts.first { $0.hierarchy == 0 })
      var trace = try LiveTrace.attached(containers: .cgroup)
      let container = try CgroupDirectory("crio-\(Self.hex).scope", in: mount)
      var actor = try trace.start(
        BuiltProducts.nsactor, ["clone-into", container.directory, "uts"])
      try trace.follow(&actor)
      #expect(actor.status == .exited(0))
      let facts = ActorFacts(actor.outputText)
      let child = try facts.number("child.tid")
      let made = trace.treeEvents.flatMap(\.namespaces)
      #expect(made.map(\.verb) == [.create, .destroy])
      let namespace = try facts.place("child")[.uts]
      #expect(made.map(\.namespace) == [namespace, namespace])
      #expect(made.allSatisfy { $0.containers == ContainerList([.init(Self.id)]) })
      #expect(
        said(trace, trace.tree.tids) == [
          "set \(Self.id) opid \(child) <- -1", "drop -1 opid \(child) <- \(Self.id)",
        ])
      #expect(trace.lost == 0)
    }

    @Test(arguments: CgroupDirectory.mounts)
    func `what is there before the tracer is known, without a word`(_ mount: CgroupMount) throws {
      let container = try CgroupDirectory("libpod-\(Self.hex).scope", in: mount)
      var sleeper = try ChildProcess("cat", input: .open)
      let tid = UInt32(sleeper.pid)
      try container.add(tid)
      var trace = try LiveTrace.attached(containers: .cgroup)
      #expect(trace.state.containers(of: tid).description == "\(Self.id)")
      #expect(cgroup(of: tid, trace) == container.path)
      #expect(said(trace, [tid]) == [])
      sleeper.closeInput()
      try sleeper.waitForExit()
      try trace.drain(until: "its end") { !said($0, [tid]).isEmpty }
      #expect(said(trace, [tid]) == ["drop -1 opid \(tid) <- \(Self.id)"])
    }

    @Test(arguments: CgroupDirectory.mounts)
    func `a cgroup that is removed is forgotten`(_ mount: CgroupMount) throws {
      var trace = try LiveTrace.attached()
      let key: CgroupID
      do {
        let made = try CgroupDirectory("web", in: mount)
        var status = stat()
        #expect(stat(made.directory, &status) == 0)
        key = CgroupID(hierarchy: mount.hierarchy, id: UInt64(status.st_ino))
        try trace.drain(until: "it") { $0.state.cgroups.path(of: key) != nil }
        #expect(trace.state.cgroups.path(of: key) == BoundedText(Array(made.path.utf8)))
      }
      try trace.drain(until: "its end") { $0.state.cgroups.path(of: key) == nil }
    }

    private static func parentID(of made: borrowing CgroupDirectory) throws -> UInt64 {
      var status = stat()
      #expect(stat("\(made.directory)/..", &status) == 0)
      return UInt64(status.st_ino)
    }

    /// 1,023 bytes is all that the kernel's tracepoints tell of a path.
    @Test(arguments: CgroupDirectory.mounts)
    func `a container below a path that is too long`(_ mount: CgroupMount) throws {
      let steps = (1...6).map { "\($0)" + String(repeating: "x", count: 193) + ".slice" }
      let top = try CgroupDirectory(steps[0], in: mount)
      var path = steps.dropFirst().reduce([top.directory]) { $0 + ["\($0.last ?? "")/\($1)"] }
      path.append("\(path.last ?? "")/docker-\(Self.hex).scope")
      var trace = try LiveTrace.attached(containers: .cgroup)
      for directory in path.dropFirst() { try #require(mkdir(directory, 0o755) == 0) }
      var actor = try FamilyActor(in: &trace)
      let tid = actor.tid
      defer {
        let deadline = Patience.end
        for directory in path.dropFirst().reversed() {
          while rmdir(directory) != 0, errno == EBUSY, ContinuousClock.now < deadline {
            sched_yield()
          }
        }
      }
      func move() throws {
        let into = "echo \(tid) > \(path.last ?? "")/cgroup.procs"
        try FollowingProgram.run("/bin/sh", ["-c", into])
      }
      try move()
      try trace.drain(until: "the move") { !said($0, [tid]).isEmpty }
      #expect(said(trace, [tid]) == ["set \(Self.id) opid \(tid) <- -1"])
      let summary = try #require(trace.state.taskSummaries.first { $0.tid == tid })
      #expect(summary.cgroup.cut == .front)
      let ending = steps.suffix(4).map { "/\($0)" }.joined() + "/docker-\(Self.hex).scope"
      #expect(String(decoding: summary.cgroup.bytes, as: UTF8.self) == ending)
      #expect(trace.state.containers[Self.id] != nil)
      // Who comes later finds it by a walk.
      let later = try LiveTrace.attached(containers: .cgroup)
      #expect(later.state.containers(of: tid).description == "\(Self.id)")
      #expect(later.state.taskSummaries.first { $0.tid == tid }?.cgroup == summary.cgroup)
      try actor.end(&trace)
    }

    @Test(arguments: CgroupDirectory.mounts)
    func `below a path that cannot be opened at once a task has the same ID after a restart`(
      _ mount: CgroupMount
    ) throws {
      let container = try CgroupDirectory("docker-\(Self.hex).scope", in: mount)
      var trace = try LiveTrace.attached(containers: .cgroup)
      let nested = try NestedCgroups(20, in: container.directory)
      var actor = try FamilyActor(in: &trace)
      let tid = actor.tid
      try nested.add(tid)
      try trace.drain(until: "the move") { !said($0, [tid]).isEmpty }
      #expect(said(trace, [tid]) == ["set \(Self.id) opid \(tid) <- -1"])
      let later = try LiveTrace.attached(containers: .cgroup)
      #expect(later.state.containers(of: tid).description == "\(Self.id)")
      let isKnown = later.state.cgroups.isKnown(
        CgroupID(hierarchy: mount.hierarchy, id: nested.id))
      #expect(isKnown)
      try container.release(tid)
      try actor.end(&trace)
    }

    /// Nobody has a directory by delegation, and makes a cgroup there with a container's name.
    @Test(arguments: CgroupDirectory.mounts)
    func `nobody's cgroup named like a container's has another ID`(_ mount: CgroupMount) throws {
      let name = "docker-\(Self.hex).scope"
      let delegated = try CgroupDirectory("user@65534.service", in: mount)
      let forged = "\(delegated.directory)/\(name)"
      let own = ContainerID(delegated: Array("\(delegated.path)/\(name)".utf8))
      var trace = try LiveTrace.attached(containers: .cgroup)
      let attack = """
        chown 65534 "$1" "$1/cgroup.procs" && echo $$ > "$1/cgroup.procs" || exit
        exec setpriv --reuid=65534 --regid=65534 --clear-groups sh -c '
          mkdir "$0" && echo $$ > "$0/cgroup.procs" && exec cat' "$2"
        """
      var nobody = try trace.start(
        "sh", ["-c", attack, "sh", delegated.directory, forged], input: .open)
      let tid = UInt32(nobody.pid)
      try trace.drain(until: "its way in") { !said($0, [tid]).isEmpty }
      #expect(said(trace, [tid]) == ["set \(own) opid \(tid) <- -1"])
      #expect(cgroup(of: tid, trace) == "\(delegated.path)/\(name)")
      // Who comes later believes the name no more.
      let later = try LiveTrace.attached(containers: .cgroup)
      #expect(later.state.containers(of: tid).description == "\(own)")

      let victim = try CgroupDirectory(name, in: mount)
      var actor = try FamilyActor(in: &trace)
      try victim.add(actor.tid)
      try trace.drain(until: "the victim's way in") { !said($0, [actor.tid]).isEmpty }
      #expect(said(trace, [actor.tid]) == ["set \(Self.id) opid \(actor.tid) <- -1"])
      try victim.release(actor.tid)
      try actor.end(&trace)
      nobody.closeInput()
      #expect(try nobody.waitForExit() == .exited(0))
      CgroupDirectory.remove(forged)
      #expect(trace.lost == 0)
    }

    @Test func `a walk finds every cgroup by its id`() throws {
      let roots = try CgroupRoot.all()
      #expect(roots.map(\.hierarchy).sorted() == CgroupDirectory.mounts.map(\.hierarchy).sorted())
      var walk = CgroupWalk(over: roots)
      var parts = 0
      var found: [CgroupWalk.Found] = []
      while !walk.isOver {
        found += walk.next(3)
        parts += 1
      }
      #expect(parts >= found.count / 3)
      for mount in CgroupDirectory.mounts {
        let made = try CgroupDirectory("x", in: mount)
        var status = stat()
        #expect(stat(made.directory, &status) == 0)
        var again = CgroupWalk(over: roots.filter { $0.hierarchy == mount.hierarchy })
        let all = again.next(1 << 20)
        #expect(
          all.contains(
            .init(
              id: UInt64(status.st_ino), parentID: try Self.parentID(of: made),
              hierarchy: mount.hierarchy, path: Array(made.path.utf8))))
        #expect(all.first == found.first { $0.hierarchy == mount.hierarchy })
        #expect(Set(all.map(\.id)).count == all.count)
      }
    }

    /// No hook: runc puts its child into the cgroup before that makes a namespace.
    @Test func `a runc container is known from its first namespace on`() throws {
      let bundle = try ScratchDirectory()
      let name = "nstrace-test-\(getpid())"
      try ContainerTests.makeBundle(
        bundle.path, ["/bin/busybox", "cat"], cgroup: "/docker/\(Self.hex)")
      let root = ["--root", bundle.file("state")]
      var trace = try LiveTrace.attached(containers: .cgroup)
      var runc = try trace.start(
        "runc", root + ["run", "--bundle", bundle.path, name], input: .open)
      let (id, list) = (Self.id, ContainerList([.init(Self.id)]))
      try trace.drain(until: "what the container runs") { trace in
        trace.state.taskSummaries.contains {
          $0.containers == list && $0.comm == Array("busybox".utf8)
        }
      }
      let made = trace.treeEvents.flatMap(\.namespaces).filter { $0.verb == .create }
      #expect(Set(made.compactMap(\.kind)).isSuperset(of: [.mnt, .uts, .ipc, .pid, .net]))
      #expect(made.filter { $0.kind != .mnt }.allSatisfy { $0.containers == list })

      let before = trace.events.count
      let command = ["/bin/busybox", "sh", "-c", "busybox unshare -n true; true"]
      try FollowingProgram.run("runc", root + ["exec", name] + command)
      try trace.drain(until: "the end of what was executed") { trace in
        trace.state.taskSummaries.count { $0.containers == list } == 1
      }
      let executed = trace.events.dropFirst(before).filter {
        $0.containerMentions.contains { $0.containers == list }
      }
      // Here it enters the namespaces first, from outside (T12); then it is moved, thread by thread.
      let entered = executed.flatMap(\.namespaces).filter { $0.op == .setns }
      #expect(Set(entered.compactMap(\.kind)).isSuperset(of: [.mnt, .uts, .ipc, .pid, .net]))
      #expect(entered.allSatisfy { $0.containers.isUnset && $0.namespaceContainers == list })
      let joined = executed.flatMap(\.containers).filter { $0.verb == .set }
      #expect(!joined.isEmpty && joined.allSatisfy { $0.id == id && $0.old.isUnset })
      let refused = executed.flatMap(\.namespaces).filter { !$0.granted }
      #expect(refused.map(\.kind) == [.net] && refused.allSatisfy { $0.containers == list })

      runc.closeInput()
      try trace.follow(&runc)
      #expect(runc.status == .exited(0))
      let ends = trace.events.flatMap(\.containers).filter { $0.verb == .drop && $0.old == list }
      #expect(ends.count == 1)
      #expect(trace.lost == 0)
    }

    @Test func `a spelling of one's own, live and in a replay`() throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      let mount = try #require(CgroupDirectory.mounts.first)
      let container = try CgroupDirectory("job-web", in: mount)
      let options = ["--containers", "cgroup", "--format", "audit", "--cgroup-pattern"]
      var live = try FollowingProgram(options + ["/**/job-{name}", "--record", dump])
      let into = "echo $$ > \(container.directory)/cgroup.procs; exec unshare -n true"
      let (pid, _) = try FollowingProgram.run("/bin/sh", ["-c", into])
      try live.waitForEnd(of: pid)
      #expect(try live.stop() == .exited(0))
      let joined = AuditLine.all(in: live.process.outputText)
        .filter { $0.type == "CONTAINER_OP" && $0["opid"] == "\(pid)" }
      #expect(joined.map { $0["name"] } == ["\"web\"", "\"web\""])
      func replay(_ pattern: String) throws -> String {
        try FollowingProgram.run(BuiltProducts.nstrace, ["replay", dump] + options + [pattern])
          .output
      }
      #expect(try replay("/**/job-{name}") == live.process.outputText)
      #expect(
        try !replay("/job-{name}").contains(" opid=\(pid) contid=\(joined[0]["contid"] ?? "")"))
    }

    @Test func `a replay under --containers cgroup prints what the live run printed`() throws {
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      let mount = try #require(CgroupDirectory.mounts.first)
      let container = try CgroupDirectory("cri-containerd-\(Self.hex).scope", in: mount)
      var live = try FollowingProgram([
        "--containers", "cgroup", "--format", "audit", "--record", dump,
      ])
      let into = "echo $$ > \(container.directory)/cgroup.procs; exec unshare -n true"
      let (pid, _) = try FollowingProgram.run("/bin/sh", ["-c", into])
      try live.waitForEnd(of: pid)
      #expect(try live.stop() == .exited(0))
      let lines = live.process.outputText.split(separator: "\n")
      #expect(lines.contains { $0.contains(#" op=set opid=\#(pid) contid="\#(Self.id)" "#) })
      #expect(lines.contains { $0.contains(" op=drop opid=\(pid) ") })
      let replay = ["replay", "--format", "audit", dump]
      let again = try FollowingProgram.run(
        BuiltProducts.nstrace, replay + ["--containers", "cgroup"])
      #expect(again.output == live.process.outputText)
      let registered = try FollowingProgram.run(BuiltProducts.nstrace, replay)
      #expect(!registered.output.contains("CONTAINER_OP"))
    }
  }
}
