// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import NSTraceLive
import Testing

extension LiveTests {
  /// Container IDs outlive the program, as users run it (docs/identity.md).
  @Suite struct KeeperRunTests {
    private static let id = "6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a11"

    private static func client(
      _ arguments: [String], of nstrace: borrowing FollowingProgram
    ) throws -> (status: ChildProcess.Status, output: String, errors: String) {
      var client = try ChildProcess(
        BuiltProducts.nstrace, arguments + ["--control", nstrace.control])
      let status = try client.waitForExit()
      return (status, client.outputText, client.errorText)
    }

    private static func register(
      _ pid: Int32, with nstrace: borrowing FollowingProgram
    ) throws -> ChildProcess.Status {
      try client(["register", "--pid", "\(pid)", "--name", "web", id], of: nstrace).status
    }

    /// The CONTAINER_OP lines about a process, once one has `op`.
    private static func operations(
      _ nstrace: inout FollowingProgram, about pid: Int32, with op: String
    ) throws -> [AuditLine] {
      func found(_ output: String) -> [AuditLine] {
        AuditLine.all(in: output).filter { $0.type == "CONTAINER_OP" && $0["opid"] == "\(pid)" }
      }
      try nstrace.process.wait(for: "\(op) of \(pid)") {
        found($0.outputText).contains { $0["op"] == op }
      }
      return found(nstrace.process.outputText)
    }

    private static func follow(
      in fs: borrowing PrivateBPFFS, _ arguments: [String] = []
    ) throws -> FollowingProgram {
      try FollowingProgram(["--format", "audit", "--keep", fs.keep] + arguments)
    }

    @Test func `a mere look leaves nothing behind`() throws {
      let fs = try PrivateBPFFS()
      var nstrace = try Self.follow(in: fs)
      #expect(fs.pins == [])
      #expect(try nstrace.stop() == .exited(0))
      #expect(nstrace.process.errorText.split(separator: "\n").count == 2)
      #expect(Files.mode(fs.keep) == nil)
    }

    /// Killed, interrupted; forked meanwhile; ended while one ran, and while none did.
    @Test(arguments: [SIGKILL, SIGINT])
    func `IDs outlive the tracer, and an end is told once`(_ signal: Int32) throws {
      let fs = try PrivateBPFFS()
      var first = try ChildProcess("sh", ["-c", "read x; cat & wait"], input: .open)
      var second = try ChildProcess("cat", input: .open)
      let other = "7d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a12"
      do {
        var nstrace = try Self.follow(in: fs)
        #expect(try Self.register(first.pid, with: nstrace) == .exited(0))
        let reply = try Self.client(["register", "--pid", "\(second.pid)", other], of: nstrace)
        #expect(reply.status == .exited(0))
        #expect(fs.pins == PrivateBPFFS.allPins)
        _ = try nstrace.stop(signal)
      }
      #expect(fs.pins == PrivateBPFFS.allPins)
      second.closeInput()
      #expect(try second.waitForExit() == .exited(0))
      do {
        var nstrace = try Self.follow(in: fs)
        let ops = try Self.operations(&nstrace, about: second.pid, with: "drop")
        #expect(ops.map { $0["late"] } == ["1"])
        #expect(ops.map { $0["old-contid"] } == [other])
        let list = try Self.client(["containers", "--format", "json"], of: nstrace)
        #expect(list.output.contains(Self.id) && list.output.contains(#""name":"web""#))
        #expect(!list.output.contains(other))
        let again = try Self.client(["register", "--pid", "\(first.pid)", other], of: nstrace)
        #expect(again.status == .exited(1))
        _ = try nstrace.stop(signal)
      }
      do {
        var nstrace = try Self.follow(in: fs)
        first.closeInput()
        _ = try first.waitForExit()
        let ops = try Self.operations(&nstrace, about: first.pid, with: "drop")
        #expect(ops.map { $0["late"] } == [nil])
        #expect(AuditLine.all(in: nstrace.process.outputText).allSatisfy { $0["late"] == nil })
        #expect(try nstrace.stop() == .exited(0))
      }
      #expect(Files.mode(fs.keep) == nil)
    }

    /// The second end comes while the first one is being forgotten.
    @Test func `a keeper that stays has nothing of what ended before an orderly stop`() throws {
      let fs = try PrivateBPFFS()
      var made = try ChildProcess(BuiltProducts.nstrace, ["keeper", "make", "--keep", fs.keep])
      #expect(try made.waitForExit() == .exited(0))
      var first = try ChildProcess("cat", input: .open)
      var second = try ChildProcess("cat", input: .open)
      var nstrace = try Self.follow(in: fs)
      #expect(try Self.register(first.pid, with: nstrace) == .exited(0))
      let reply = try Self.client(["register", "--pid", "\(second.pid)", "--random"], of: nstrace)
      #expect(reply.status == .exited(0))
      first.closeInput()
      second.closeInput()
      _ = try Self.operations(&nstrace, about: first.pid, with: "drop")
      _ = try Self.operations(&nstrace, about: second.pid, with: "drop")
      #expect(try nstrace.stop() == .exited(0))
      #expect(try Keeper(existingAt: fs.keep).counts().registrations == 0)
      #expect(fs.pins == PrivateBPFFS.allPins)
    }

    @Test func `a tracer without a keeper says that it leaves one alone`() throws {
      let begin = #"mount -t bpf -o mode=0700 bpf /sys/fs/bpf; "$0" keeper make; exec "$0" "$@""#
      var nstrace = try FollowingProgram(
        program: "unshare", before: ["-m", "sh", "-ec", begin, BuiltProducts.nstrace],
        ["--follow", "--no-keep", "--format", "none"])
      let said = "there is a keeper in /sys/fs/bpf/nstrace, which --no-keep leaves alone"
      #expect(nstrace.process.errorText.contains(said))
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `in a mount namespace without the host's bpffs none is made`() throws {
      let begin = #"mount -t tmpfs tmpfs /sys/fs/bpf; exec "$0" follow --keep /sys/fs/bpf/nstrace"#
      var program = try ChildProcess("unshare", ["-m", "sh", "-ec", begin, BuiltProducts.nstrace])
      #expect(try program.waitForExit() == .exited(1))
      let said = "/sys/fs/bpf/nstrace is not in a bpffs here, and the host's is hidden: "
      #expect(program.errorText.contains(said))
    }

    /// Else nobody would ever tell it, if this tracer were killed.
    @Test func `an end is not forgotten while an output owes its record`() throws {
      let fs = try PrivateBPFFS()
      let pipe = try SmallPipe()
      let output = try pipe.file()
      var target = try ChildProcess("cat", input: .open)
      var nstrace = try FollowingProgram(
        ["--format", "audit", "--keep", fs.keep], output: .descriptor(output.raw))
      #expect(try Self.register(target.pid, with: nstrace) == .exited(0))
      let some = "for i in $(seq 30); do unshare -i true; done"
      try FollowingProgram.run("sh", ["-c", some])
      target.closeInput()
      _ = try target.waitForExit()
      // The first reply without it comes before the rest at which it would be forgotten.
      var replies = 0
      while replies < 3 {
        let list = try Self.client(["containers", "--format", "json"], of: nstrace).output
        if !list.contains(Self.id) { replies += 1 }
      }
      #expect(try Keeper(existingAt: fs.keep).counts().registrations == 1)
      let keep = fs.keep
      var written = ""
      try nstrace.process.wait(for: "the record, and the keeper to be empty") { _ in
        written += String(decoding: pipe.read(), as: UTF8.self)
        return (try? Keeper(existingAt: keep).counts().registrations) == 0
      }
      written += String(decoding: pipe.read(), as: UTF8.self)
      #expect(written.contains(" op=drop "))
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `a tracer with another policy takes no ID away`() throws {
      let fs = try PrivateBPFFS()
      let other = "7d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a12"
      let target = try ChildProcess("cat", input: .open)
      func idAfter(
        _ policy: String, _ act: (borrowing FollowingProgram) throws -> Void
      ) throws -> String {
        var nstrace = try Self.follow(in: fs, ["--policy", policy])
        try act(nstrace)
        let id = try Self.client(["id", "\(target.pid)"], of: nstrace).output
        _ = try nstrace.stop()
        return id
      }
      let before = try idAfter("nested") { nstrace in
        #expect(try Self.register(target.pid, with: nstrace) == .exited(0))
        let reply = try Self.client(["register", "--pid", "\(target.pid)", other], of: nstrace)
        #expect(reply.status == .exited(0))
      }
      #expect(before == "\(other),^\(Self.id)\n")
      #expect(try idAfter("rfc") { _ in } == before)
      #expect(try idAfter("nested") { _ in } == before)
    }

    /// Else the next tracer would tell the end again.
    @Test func `a container that has ended is not kept for a zombie of it`() throws {
      let fs = try PrivateBPFFS()
      var target = try ChildProcess("cat", input: .open)
      var nstrace = try Self.follow(in: fs)
      #expect(try Self.register(target.pid, with: nstrace) == .exited(0))
      kill(target.pid, SIGKILL)
      _ = try Self.operations(&nstrace, about: target.pid, with: "drop")
      let keep = fs.keep
      try nstrace.process.wait(for: "the keeper to be empty") { _ in
        (try? Keeper(existingAt: keep).counts().registrations) == 0
      }
      #expect(Files.mode("/proc/\(target.pid)") != nil, "it is a zombie still")
      #expect(try nstrace.stop() == .exited(0))
      _ = try target.waitForExit()
    }

    /// Under automatic a registration says nothing, so its end is not recorded.
    @Test func `an end is told also if a tracer with another policy came between`() throws {
      let fs = try PrivateBPFFS()
      var target = try ChildProcess("cat", input: .open)
      do {
        var nstrace = try Self.follow(in: fs)
        #expect(try Self.register(target.pid, with: nstrace) == .exited(0))
        _ = try nstrace.stop(SIGKILL)
      }
      target.closeInput()
      _ = try target.waitForExit()
      do {
        var nstrace = try Self.follow(in: fs, ["--policy", "automatic"])
        #expect(try nstrace.stop() == .exited(0))
      }
      #expect(fs.pins == PrivateBPFFS.allPins)
      var nstrace = try Self.follow(in: fs)
      let ops = try Self.operations(&nstrace, about: target.pid, with: "drop")
      #expect(ops.map { $0["late"] } == ["1"])
      #expect(try nstrace.stop() == .exited(0))
      #expect(Files.mode(fs.keep) == nil)
    }

    @Test func `a dump that begins after a restart replays to the same IDs`() throws {
      let fs = try PrivateBPFFS()
      let directory = try ScratchDirectory()
      let dump = directory.file("dump")
      var target = try ChildProcess("sh", ["-c", "read x; exec unshare --uts cat"], input: .open)
      do {
        var nstrace = try Self.follow(in: fs)
        #expect(try Self.register(target.pid, with: nstrace) == .exited(0))
        _ = try nstrace.stop(SIGKILL)
      }
      var nstrace = try Self.follow(in: fs, ["--record", dump])
      target.closeInput()
      _ = try target.waitForExit()
      _ = try Self.operations(&nstrace, about: target.pid, with: "drop")
      #expect(try nstrace.stop() == .exited(0))
      let (_, replay) = try FollowingProgram.run(
        BuiltProducts.nstrace, ["replay", "--format", "audit", dump])
      #expect(replay == nstrace.process.outputText)
      let made = AuditLine.all(in: replay).filter {
        $0.type == "NS_CREATE" && $0["opid"] == "\(target.pid)"
      }
      #expect(made.map { $0["contid"] } == [Self.id])
    }

    @Test func `a second tracer prints the same IDs, says so and registers nothing`() throws {
      let fs = try PrivateBPFFS()
      let first = try ChildProcess("cat", input: .open)
      let second = try ChildProcess("cat", input: .open)
      var service = try Self.follow(in: fs)
      #expect(try Self.register(first.pid, with: service) == .exited(0))
      var beside = try Self.follow(in: fs)
      #expect(
        beside.process.errorText.contains(
          "another tracer registers the containers of \(fs.keep): this one only reads\n"))
      let list = try Self.client(["containers", "--format", "json"], of: beside)
      #expect(list.output.contains(Self.id))
      let refused = try Self.client(["register", "--pid", "\(second.pid)", "--random"], of: beside)
      #expect(refused.status == .exited(1))
      #expect(refused.errors.contains("this tracer only reads"))
      let random = try Self.client(["register", "--pid", "\(second.pid)", "--random"], of: service)
      #expect(random.status == .exited(0))
      let ops = try Self.operations(&beside, about: second.pid, with: "set")
      #expect(ops.map { "\($0["contid"] ?? "")\n" } == [random.output])
      #expect(try beside.stop() == .exited(0))
      #expect(fs.pins == PrivateBPFFS.allPins)
      _ = try service.stop()
    }

    @Test func `a second tracer says so if the keeper is removed`() throws {
      let fs = try PrivateBPFFS()
      var target = try ChildProcess("cat", input: .open)
      var service = try Self.follow(in: fs)
      #expect(try Self.register(target.pid, with: service) == .exited(0))
      var beside = try Self.follow(in: fs)
      target.closeInput()
      _ = try target.waitForExit()
      _ = try Self.operations(&service, about: target.pid, with: "drop")
      #expect(try service.stop() == .exited(0))
      #expect(fs.pins == [])
      let said = "the keeper in \(fs.keep) was removed: this tracer sees no later registration"
      try beside.process.wait(for: "its warning") { $0.errorText.contains(said) }
      #expect(try beside.stop() == .exited(0))
    }

    /// A busy machine may delay the attendant beyond the tracer's patience.
    @Test func `a keeper that is pinned late is kept, and taken away at the end`() throws {
      let fs = try PrivateBPFFS()
      var target = try ChildProcess("cat", input: .open)
      var nstrace = try Self.follow(in: fs)
      let attendant = try #require(try ProcTask.family(of: nstrace.process.pid).dropFirst().first)
      kill(pid_t(attendant), SIGSTOP)
      #expect(try Self.register(target.pid, with: nstrace) == .exited(0))
      try nstrace.process.wait(for: "its warning") {
        $0.errorText.contains(": containers registered now end with this tracer\n")
      }
      kill(pid_t(attendant), SIGCONT)
      try nstrace.process.wait(for: "the late pins") {
        $0.errorText.contains("the keeper in \(fs.keep) is pinned now")
      }
      #expect(fs.pins == PrivateBPFFS.allPins)
      target.closeInput()
      _ = try target.waitForExit()
      _ = try Self.operations(&nstrace, about: target.pid, with: "drop")
      #expect(try nstrace.stop() == .exited(0))
      #expect(Files.mode(fs.keep) == nil)
    }

    @Test func `it is shown, locked and removed`() throws {
      let fs = try PrivateBPFFS()
      func keeper(_ verb: String) throws -> (ChildProcess.Status, String, String) {
        var command = try ChildProcess(BuiltProducts.nstrace, ["keeper", verb, "--keep", fs.keep])
        let status = try command.waitForExit()
        return (status, command.outputText, command.errorText)
      }
      #expect(try keeper("status").0 == .exited(1))
      let target = try ChildProcess("cat", input: .open)
      var nstrace = try Self.follow(in: fs)
      #expect(try Self.register(target.pid, with: nstrace) == .exited(0))
      let shown = try keeper("status").1
      #expect(shown.contains("\n1 registration\n0 sessions\n0 stains\na tracer registers\n"))
      #expect(try keeper("remove").2.contains("end it first"))
      _ = try nstrace.stop(SIGKILL)
      #expect(
        try keeper("status").1.hasSuffix(
          "\n1 registration\n0 sessions\n0 stains\nno tracer registers\n"))
      #expect(try keeper("make").0 == .exited(0))
      #expect(
        try keeper("status").1.hasSuffix("\nno tracer registers; stays when no container lives\n"))
      try fs.remount(readOnly: true)
      #expect(try keeper("remove").2.hasSuffix(" cannot be removed (Read-only file system)\n"))
      try fs.remount(readOnly: false)
      #expect(fs.pins == PrivateBPFFS.allPins)
      #expect(try keeper("lock").0 == .exited(0))
      #expect(try keeper("status").1.hasSuffix("; locked until reboot\n"))
      #expect(try keeper("remove").2.contains("is locked until reboot"))
      #expect(fs.pins == PrivateBPFFS.allPins)
      // Root can still do it by hand.
      for pin in PrivateBPFFS.allPins { unlink("\(fs.keep)/\(pin)") }
      #expect(try keeper("remove").0 == .exited(0))
      #expect(Files.mode(fs.keep) == nil)
    }

    /// T18 (Grubb), with a policy that would let the first process have another ID besides.
    @Test
    func `"we made an immutable flag so that people that want a hard guarantee can get that"`()
      throws
    {
      let fs = try PrivateBPFFS()
      var first = try ChildProcess("cat", input: .open)
      let second = try ChildProcess("cat", input: .open)
      var nstrace = try Self.follow(in: fs, ["--policy", "nested"])
      #expect(try Self.register(first.pid, with: nstrace) == .exited(0))
      try FollowingProgram.run(BuiltProducts.nstrace, ["keeper", "lock", "--keep", fs.keep])
      let again = try Self.client(["register", "--pid", "\(first.pid)", "--random"], of: nstrace)
      #expect(again.status == .exited(1))
      let new = try Self.client(["register", "--pid", "\(second.pid)", "--random"], of: nstrace)
      #expect(new.status == .exited(0))
      first.closeInput()
      _ = try first.waitForExit()
      let ops = try Self.operations(&nstrace, about: first.pid, with: "drop")
      #expect(ops.map { $0["op"] } == ["set", "set", "drop"])
      #expect(ops.map { $0["errno"] } == [nil, "EEXIST", nil])
      #expect(try nstrace.stop() == .exited(0))
      #expect(fs.pins == PrivateBPFFS.allPins)
    }

    @Test func `a directory may be given with a slash behind it`() throws {
      let fs = try PrivateBPFFS()
      var target = try ChildProcess("cat", input: .open)
      var nstrace = try FollowingProgram(["--format", "audit", "--keep", "\(fs.keep)/"])
      #expect(try Self.register(target.pid, with: nstrace) == .exited(0))
      #expect(fs.pins == PrivateBPFFS.allPins)
      let (_, shown) = try FollowingProgram.run(
        BuiltProducts.nstrace, ["keeper", "status", "--keep", "\(fs.keep)/"])
      #expect(shown.hasPrefix("keeper in \(fs.keep), layout 1, "))
      target.closeInput()
      _ = try target.waitForExit()
      _ = try Self.operations(&nstrace, about: target.pid, with: "drop")
      #expect(try nstrace.stop() == .exited(0))
      #expect(Files.mode(fs.keep) == nil)
    }

    @Test func `before the program is uninstalled its keeper goes, if it may`() throws {
      let fs = try PrivateBPFFS()
      func remove() throws -> (ChildProcess.Status, String) {
        let script = Repository.path("packaging/remove-keeper.sh")
        var command = try ChildProcess("sh", [script, BuiltProducts.nstrace, fs.keep])
        let status = try command.waitForExit()
        return (status, command.outputText + command.errorText)
      }
      let none = try remove()
      #expect(none.0 == .exited(0) && none.1 == "")
      let target = try ChildProcess("cat", input: .open)
      var nstrace = try Self.follow(in: fs)
      #expect(try Self.register(target.pid, with: nstrace) == .exited(0))
      let refused = try remove()
      #expect(refused.0 == .exited(1) && refused.1.contains("end it first"))
      #expect(fs.pins == PrivateBPFFS.allPins)
      _ = try nstrace.stop(SIGKILL)
      let done = try remove()
      #expect(done.0 == .exited(0) && done.1 == "")
      #expect(Files.mode(fs.keep) == nil)
      for verb in ["make", "lock"] {
        try FollowingProgram.run(BuiltProducts.nstrace, ["keeper", verb, "--keep", fs.keep])
      }
      let left = try remove()
      #expect(left.0 == .exited(0) && left.1.contains("is locked until reboot"))
      #expect(fs.pins == PrivateBPFFS.allPins)
    }

    /// A process in a UTS namespace, which a mount of that file holds too, once it waits for its input.
    private static func process(in pin: String, _ command: String) throws -> ChildProcess {
      var process = try ChildProcess(
        command, ["--uts=\(pin)", "sh", "-c", "echo ready; exec cat"], input: .open)
      try process.wait(for: "it to be ready") { $0.outputText.contains("ready") }
      return process
    }

    /// T2 (Biederman), of a namespace that a mount holds, without a task.
    @Test func `"Once you are stained with it you can not escape": nor by the tracer's end`() throws
    {
      let fs = try PrivateBPFFS()
      let directory = try ScratchDirectory()
      let pin = directory.file("uts")
      try Files.write([], to: pin)
      defer { umount2(pin, Int32(MNT_DETACH)) }
      let dyed = ["--policy", "write-once"]
      do {
        var first = try Self.process(in: pin, "unshare")
        var nstrace = try Self.follow(in: fs, dyed)
        #expect(try Self.register(first.pid, with: nstrace) == .exited(0))
        first.closeInput()
        _ = try first.waitForExit()
        _ = try Self.operations(&nstrace, about: first.pid, with: "drop")
        _ = try nstrace.stop(SIGKILL)
      }
      let other = try ChildProcess("cat", input: .open)
      do {
        var nstrace = try Self.follow(in: fs, dyed)
        var second = try Self.process(in: pin, "nsenter")
        #expect(try Self.register(second.pid, with: nstrace) == .exited(1))
        #expect(try Self.register(other.pid, with: nstrace) == .exited(1))
        let ops = try Self.operations(&nstrace, about: other.pid, with: "set")
        #expect(ops.map { $0["errno"] } == ["ENOTUNIQ"])
        let refused = try Self.operations(&nstrace, about: second.pid, with: "set")
        #expect(refused.map { $0["errno"] } == ["EEXIST"])
        let found = AuditLine.all(in: nstrace.process.outputText)
          .filter { $0.type == "NS_CREATE" && $0["opid"] == "\(second.pid)" }
        #expect(found.map { $0["ns-contid"] } == [Self.id])
        second.closeInput()
        _ = try second.waitForExit()
        #expect(try nstrace.stop() == .exited(0))
      }
      #expect(fs.pins == PrivateBPFFS.allPins)
      umount2(pin, Int32(MNT_DETACH))
      var nstrace = try Self.follow(in: fs, dyed)
      #expect(try Self.register(other.pid, with: nstrace) == .exited(0))
      #expect(try nstrace.stop() == .exited(0))
    }

    // MARK: Without one that can be used

    /// Follows with the default directory, in a mount namespace whose /sys/fs/bpf these commands make.
    private static func follow(after commands: String) throws -> FollowingProgram {
      let script = "\(commands); exec \(BuiltProducts.nstrace) --follow --format audit \"$@\""
      return try FollowingProgram(
        program: "unshare", before: ["--mount", "sh", "-ec", script, "sh"], [])
    }

    @Test func `where none can be made the tracer goes on without, and says so`() throws {
      let target = try ChildProcess("cat", input: .open)
      var nstrace = try Self.follow(after: "mount -t bpf -o mode=0700,ro bpf /sys/fs/bpf")
      #expect(
        nstrace.process.errorText.contains(
          "/sys/fs/bpf/nstrace cannot be made (Read-only file system); "
            + "container IDs end with this tracer\n"))
      #expect(try Self.register(target.pid, with: nstrace) == .exited(0))
      #expect(try nstrace.stop() == .exited(0))
    }

    /// It would not see which processes have IDs there.
    @Test func `beside a keeper that it cannot use the tracer registers nothing, and says so`()
      throws
    {
      let target = try ChildProcess("cat", input: .open)
      var nstrace = try Self.follow(
        after: "mount -t bpf -o mode=0700 bpf /sys/fs/bpf; mkdir -m 0755 /sys/fs/bpf/nstrace")
      #expect(nstrace.process.errorText.contains(": this tracer registers no containers\n"))
      let arguments = ["register", "--pid", "\(target.pid)", Self.id]
      let reply = try Self.client(arguments, of: nstrace)
      #expect(reply.status == .exited(1))
      #expect(reply.errors.contains("this tracer registers no containers: others may use"))
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `outside of a bpffs a tracer with --keep does not start`() throws {
      let directory = try ScratchDirectory()
      var nstrace = try ChildProcess(
        BuiltProducts.nstrace, ["--follow", "--keep", directory.file("x")])
      #expect(try nstrace.waitForExit() == .exited(1))
      #expect(nstrace.errorText.contains("is not in a bpffs"))
    }
  }
}
