// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

extension LiveTests {
  /// What a directory of a bpffs keeps when its tracer has ended (docs/identity.md).
  @Suite struct KeeperTests {
    private static let id = ContainerID(high: 3, low: 4711)

    private static func registration(_ number: UInt32) -> KeptRegistration {
      var record = nst_kept()
      (record.contid_low, record.container, record.target_tid) = (7, number, 1)
      record.registered_ns = 100
      record.owners.0 = nst_task_id(start_ns: 5, tid: 9, tgid: 9)
      return KeptRegistration(record, name: Array("web".utf8))
    }

    /// Keeps a registration, granted.
    static func put(_ number: UInt32, in keeper: Keeper) throws(SystemError) {
      try keeper.put(registration(number))
      keeper.grant()
    }

    /// Why the keeper there cannot be used; nil: it can.
    static func refusal(_ path: String) -> KeeperError? {
      do throws(KeeperError) {
        _ = try Keeper(at: path)
        return nil
      } catch {
        return error
      }
    }

    static func forge(_ path: String, _ kind: String) throws {
      try FollowingProgram.run(BuiltProducts.nsactor, ["forge", path, kind])
    }

    /// Pins a keeper with one registration.
    static func make(in fs: borrowing PrivateBPFFS) throws {
      let keeper = try Keeper(at: fs.keep)
      try Self.put(1, in: keeper)
    }

    // MARK: Made and found

    @Test func `nothing is pinned before the first registration`() throws {
      let fs = try PrivateBPFFS()
      let keeper = try Keeper(at: fs.keep)
      #expect(!keeper.isFound && keeper.registers && !keeper.isPinned)
      #expect(fs.pins == [])
      #expect(Files.mode(fs.keep) == 0o700)
      try Self.put(1, in: keeper)
      #expect(fs.pins == PrivateBPFFS.allPins)
      #expect(keeper.takeFailure() == nil)
    }

    @Test func `what was put is found again`() throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      let keeper = try Keeper(at: fs.keep)
      #expect(keeper.isFound && keeper.registers)
      let (kept, damaged) = try keeper.read()
      #expect(damaged == 0)
      let only = try #require(kept.first)
      #expect(kept.count == 1)
      #expect(only.name == Array("web".utf8))
      #expect(only.number == 1 && only.record.contid_low == 7 && only.record.registered_ns == 100)
      #expect(only.record.owners.0.tid == 9 && only.record.owners.0.start_ns == 5)
      #expect(keeper.lastNumber == 1)
      keeper.remove(1)
      #expect(try keeper.isEmpty)
      #expect(keeper.lastNumber == 1)
    }

    @Test func `65,536 registrations are kept, and one more is refused until one is removed`()
      throws
    {
      let fs = try PrivateBPFFS()
      let keeper = try Keeper(at: fs.keep)
      for number in 1...UInt32(NST_KEEPER_REGISTRATIONS) { try Self.put(number, in: keeper) }
      let more = Self.registration(UInt32(NST_KEEPER_REGISTRATIONS) + 1)
      #expect(throws: SystemError.self) { try keeper.put(more) }
      do throws(SystemError) {
        try keeper.put(more)
      } catch {
        #expect(error.errno == ENOSPC)
      }
      #expect(try keeper.read().kept.count == Int(NST_KEEPER_REGISTRATIONS))
      keeper.remove(5)
      try keeper.put(more)
      #expect(keeper.lastNumber == more.number)
    }

    @Test func `a second tracer reads, and registers nothing`() throws {
      let fs = try PrivateBPFFS()
      let first = try Keeper(at: fs.keep)
      #expect(Self.refusal(fs.keep) == .claimed(fs.keep))
      try Self.put(1, in: first)
      let second = try Keeper(at: fs.keep)
      #expect(!second.registers && second.isFound)
      #expect(try second.read().kept.map(\.number) == [1])
      let before = second.changes
      try Self.put(2, in: first)
      #expect(second.changes == before + 2)
      #expect(throws: SystemError.self) { try Self.put(3, in: second) }
      #expect(try first.read().kept.map(\.number) == [1, 2])
    }

    // MARK: Bad input

    @Test(
      arguments: [
        ("state", "garbage"), ("state", "small"), ("state", "huge"), ("state", "program"),
        ("state", "hash"), ("registrations", "hash"), ("registrations", "numbers"),
        ("registrations", "program"), ("numbers", "hash"), ("sessions", "hash"),
        ("visits", "numbers"), ("stains", "hash"), ("stains", "numbers"), ("program", "program"),
        ("program", "hash"), ("link", "hash"), ("link", "program"),
      ])
    func `what is no pin of a keeper is left alone`(_ pin: String, _ kind: String) throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      try Self.forge("\(fs.keep)/\(pin)", kind)
      #expect(Self.refusal(fs.keep) == .foreign(fs.keep, pin: pin))
      #expect(fs.pins == PrivateBPFFS.allPins)
    }

    /// The program copies numbers of its own table, and not of this one.
    @Test func `numbers that the program does not use are left alone`() throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      try Self.forge("\(fs.keep)/numbers", "numbers")
      #expect(Self.refusal(fs.keep) == .foreign(fs.keep, pin: "program"))
    }

    @Test func `another layout is refused with its version`() throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      try Self.forge("\(fs.keep)/state", "version")
      #expect(Self.refusal(fs.keep) == .version(fs.keep, 99))
    }

    // MARK: Renewed

    /// Pins the program of another version, which the link belongs to or not.
    static func forgeOlder(in fs: borrowing PrivateBPFFS, linked: Bool) throws {
      let newer = linked ? "program" : "program-new"
      let pins = ["numbers", "visits", newer, "program"] + (linked ? ["link"] : [])
      try FollowingProgram.run(
        BuiltProducts.nsactor, ["forge-older"] + pins.map { "\(fs.keep)/\($0)" })
    }

    @Test func `another version's program is replaced, and the registrations stay`() throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      try Self.forgeOlder(in: fs, linked: true)
      let older = try Keeper(existingAt: fs.keep).programID
      let keeper = try Keeper(at: fs.keep)
      #expect(keeper.renewal == .done && keeper.isFound && keeper.programID != older)
      #expect(try keeper.read().kept.map(\.number) == [1])
      #expect(fs.pins == PrivateBPFFS.allPins)
    }

    @Test func `the same version's program stays`() throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      let made = try Keeper(existingAt: fs.keep).programID
      let keeper = try Keeper(at: fs.keep)
      #expect(keeper.renewal == .unneeded && keeper.programID == made)
    }

    @Test func `a locked keeper's program stays`() throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      try Self.forgeOlder(in: fs, linked: true)
      try Keeper(existingAt: fs.keep, writes: true).lock()
      let older = try Keeper(existingAt: fs.keep).programID
      let keeper = try Keeper(at: fs.keep)
      #expect(keeper.renewal == .locked && keeper.programID == older)
      #expect(fs.pins == PrivateBPFFS.allPins)
    }

    @Test func `a program that cannot be pinned leaves the other one, and that is said`() throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      try Self.forgeOlder(in: fs, linked: true)
      // Its name is taken.
      mkdir("\(fs.keep)/program-new", 0o700)
      let older = try Keeper(existingAt: fs.keep).programID
      do {
        let keeper = try Keeper(at: fs.keep)
        let failure = SystemError("replace the keeper's program", errno: EEXIST)
        #expect(keeper.renewal == .failed(failure) && keeper.programID == older)
      }
      rmdir("\(fs.keep)/program-new")
      #expect(try Keeper(at: fs.keep).renewal == .done)
    }

    /// Its tracer was killed between the two names.
    @Test func `a replacement that was begun is finished`() throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      let made = try Keeper(existingAt: fs.keep).programID
      rename("\(fs.keep)/program", "\(fs.keep)/program-new")
      try Self.forgeOlder(in: fs, linked: false)
      let keeper = try Keeper(at: fs.keep)
      #expect(keeper.renewal == .unneeded && keeper.programID == made)
      #expect(fs.pins == PrivateBPFFS.allPins)
    }

    // MARK: Damaged

    @Test(arguments: [
      "numbers", "program", "registrations", "sessions", "stains", "state", "visits",
    ])
    func `a missing pin is said, while the link is there`(_ pin: String) throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      unlink("\(fs.keep)/\(pin)")
      #expect(Self.refusal(fs.keep) == .foreign(fs.keep, pin: pin))
    }

    /// Births were missed since.
    @Test(arguments: [
      ["link"], ["link", "program"], ["link", "program", "stains"],
      ["link", "program", "stains", "visits", "numbers"],
    ])
    func `a half removed keeper is replaced`(_ removed: [String]) throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      for pin in removed { unlink("\(fs.keep)/\(pin)") }
      let keeper = try Keeper(at: fs.keep)
      #expect(keeper.replacesHalf && !keeper.isFound)
      #expect(fs.pins == [])
      #expect(try keeper.isEmpty)
      try Self.put(1, in: keeper)
      #expect(fs.pins == PrivateBPFFS.allPins)
    }

    @Test func `registrations that cannot be are counted and left out`() throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      try FollowingProgram.run(BuiltProducts.nsactor, ["damage", "\(fs.keep)/registrations"])
      let keeper = try Keeper(at: fs.keep)
      #expect(try keeper.read().kept.map(\.number) == [1])
      #expect(keeper.damagedEntries == 4)
    }

    // MARK: Stains

    private static func stain(_ inum: UInt32, at sinceNs: UInt64 = 5) -> KeptStain {
      let namespace = NamespaceID(kind: .net, inum: inum, nsid: 7)
      return KeptStain(NamespaceStain(id, on: namespace), sinceNs: sinceNs)
    }

    @Test func `stains are found again, the oldest first, and keep the keeper`() throws {
      let fs = try PrivateBPFFS()
      do {
        let keeper = try Keeper(at: fs.keep)
        try Self.put(1, in: keeper)
        try keeper.put(Self.stain(101, at: 9))
        try keeper.put(Self.stain(102, at: 8))
        keeper.remove(1)
      }
      let keeper = try Keeper(at: fs.keep)
      #expect(try keeper.readStains().kept == [Self.stain(102, at: 8), Self.stain(101, at: 9)])
      #expect(try keeper.counts() == .init(registrations: 0, sessions: 0, stains: 2, damaged: 0))
      #expect(try !keeper.isEmpty)
      for inum in 101...103 { keeper.remove(Self.stain(UInt32(inum)).stain) }
      #expect(try keeper.isEmpty)
    }

    @Test func `65,536 stains are kept, and one more is refused`() throws {
      let fs = try PrivateBPFFS()
      let keeper = try Keeper(at: fs.keep)
      for inum in 1...UInt32(NST_KEEPER_STAINS) { try keeper.put(Self.stain(inum)) }
      do throws(SystemError) {
        try keeper.put(Self.stain(UInt32(NST_KEEPER_STAINS) + 1))
        Issue.record("there is room for one more")
      } catch {
        #expect(error.errno == ENOSPC)
      }
      #expect(try keeper.counts().stains == Int(NST_KEEPER_STAINS))
    }

    @Test func `stains that cannot be are counted and left out`() throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      try FollowingProgram.run(BuiltProducts.nsactor, ["damage-stains", "\(fs.keep)/stains"])
      let keeper = try Keeper(at: fs.keep)
      #expect(try keeper.readStains().kept == [])
      #expect(keeper.damagedEntries == 3)
    }

    @Test func `a directory that others may use is refused`() throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      chmod(fs.keep, 0o710)
      #expect(Self.refusal(fs.keep) == .notOurs(fs.keep))
    }

    @Test func `outside of a bpffs nothing is made`() throws {
      let directory = try ScratchDirectory()
      let keep = directory.file("keep")
      #expect(Self.refusal(keep) == .noBPFFS(keep))
      #expect(Files.names(in: directory.path) == [])
      #expect(Self.refusal(directory.path) == .noBPFFS(directory.path))
    }

    @Test func `a read-only bpffs is said, and the registration goes on`() throws {
      let fs = try PrivateBPFFS()
      let keeper = try Keeper(at: fs.keep)
      try fs.remount(readOnly: true)
      try Self.put(1, in: keeper)
      #expect(keeper.takeFailure()?.errno == EROFS)
      #expect(try keeper.read().kept.count == 1)
      try fs.remount(readOnly: false)
      try Self.put(2, in: keeper)
      #expect(keeper.takeFailure() == nil)
      #expect(fs.pins == PrivateBPFFS.allPins)
    }

    @Test func `after it is removed no program of it is loaded`() throws {
      let fs = try PrivateBPFFS()
      try Self.make(in: fs)
      let program = try Keeper(at: fs.keep).programID
      #expect(try Self.programs().contains(program))
      try Keeper(at: fs.keep).unpinNow()
      #expect(fs.pins == [])
      // The kernel frees it a little later.
      let end = Patience.end
      while try Self.programs().contains(program), ContinuousClock.now < end { usleep(10_000) }
      #expect(try !Self.programs().contains(program))
    }

    /// The ids of all programs of that name.
    private static func programs() throws -> [UInt32] {
      let (_, output) = try FollowingProgram.run("bpftool", ["prog", "show"])
      return output.split(separator: "\n").filter { $0.contains(" name keep_birth ") }
        .compactMap { UInt32($0.prefix { $0 != ":" }) }
    }

    // MARK: Tasks

    /// `family`: half of what is born is an orphan, whose parent ends at once.
    @Test func `what is born while no tracer runs has the ID, and so have orphans`() throws {
      let fs = try PrivateBPFFS()
      var actor = try ChildProcess(BuiltProducts.nsactor, ["family", "24", "0"], input: .open)
      try actor.wait(for: "the actor") { $0.outputText.contains("target.tid=") }
      let tid = UInt32(actor.pid)
      do {
        var trace = try LiveTrace.attached(keeper: try Keeper(at: fs.keep))
        #expect(try trace.register(tid, as: Self.id) == .granted(Self.id, tasks: 1))
      }
      actor.send(SIGUSR1)
      try actor.wait(for: "the family") { $0.outputText.contains("target.done=24\n") }
      var trace = try LiveTrace.attached(keeper: try Keeper(at: fs.keep))
      let members = try trace.numbered().filter { $0.container == 1 }
      #expect(members.count == 1 + 2 * 24)
      for member in members {
        #expect(trace.state.containers(of: member.task.tid).elements.map(\.id) == [Self.id])
      }
      let summary = try #require(trace.state.containerSummaries.first { $0.id == Self.id })
      #expect(summary.tasks == 49 && summary.name == Array("test".utf8))
      let again = ContainerID(high: 3, low: 4712)
      #expect(
        try trace.register(tid, as: again, includesDescendants: true) == .refused(.exists))
      #expect(trace.events.flatMap(\.containers).count { $0.verb == .drop } == 0)
      actor.send(SIGUSR1)
      actor.closeInput()
      _ = try actor.waitForExit()
    }

    @Test func `an end while no tracer runs is told once`() throws {
      let fs = try PrivateBPFFS()
      var actor = try ChildProcess("cat", input: .open)
      let tid = UInt32(actor.pid)
      do {
        var trace = try LiveTrace.attached(keeper: try Keeper(at: fs.keep))
        #expect(try trace.register(tid, as: Self.id) == .granted(Self.id, tasks: 1))
      }
      actor.closeInput()
      _ = try actor.waitForExit()
      do {
        var trace = try LiveTrace.attached(keeper: try Keeper(at: fs.keep))
        let drops = trace.events.flatMap(\.containers).filter { $0.verb == .drop }
        #expect(drops.map(\.isLate) == [true] && drops.map(\.opid) == [tid])
        #expect(drops.map(\.old) == [ContainerList([.init(Self.id)])])
        try trace.forgetSpent()
      }
      let keeper = try Keeper(at: fs.keep)
      #expect(try keeper.isEmpty)
      let trace = try LiveTrace.attached(keeper: keeper)
      #expect(trace.events.flatMap(\.containers).filter { $0.verb == .drop } == [])
    }

    /// A health check joins a container every few seconds, for as long as it lives.
    @Test func `a join is forgotten once its tasks have ended`() throws {
      let fs = try PrivateBPFFS()
      let first = try ChildProcess("cat", input: .open)
      var second = try ChildProcess("cat", input: .open)
      let tid = UInt32(second.pid)
      let keeper = try Keeper(at: fs.keep)
      var trace = try LiveTrace.attached(keeper: keeper)
      #expect(
        try trace.register(UInt32(first.pid), as: Self.id) == .granted(Self.id, tasks: 1))
      #expect(try trace.register(tid, as: Self.id) == .granted(Self.id, tasks: 1))
      try trace.forgetSpent()
      #expect(try keeper.read().kept.map(\.number) == [1, 2])
      second.closeInput()
      _ = try second.waitForExit()
      try trace.drain(until: "its end") { trace in
        !trace.state.taskSummaries.contains { $0.tid == tid }
      }
      try trace.forgetSpent()
      #expect(try keeper.read().kept.map(\.number) == [1])
      #expect(first.status == nil)
    }

    /// It was killed while it gave the number.
    @Test func `a registration under way is taken back`() throws {
      let fs = try PrivateBPFFS()
      let actor = try ChildProcess("cat", input: .open)
      let tid = UInt32(actor.pid)
      do {
        let keeper = try Keeper(at: fs.keep)
        var trace = try LiveTrace.attached(keeper: keeper)
        #expect(try trace.register(tid, as: Self.id) == .granted(Self.id, tasks: 1))
        try keeper.put(try #require(try keeper.read().kept.first))
      }
      let keeper = try Keeper(at: fs.keep)
      var trace = try LiveTrace.attached(keeper: keeper)
      #expect(try trace.family(of: tid).map(\.container) == [0])
      #expect(try keeper.isEmpty)
      #expect(trace.state.containers(of: tid).isUnset)
      #expect(try trace.register(tid, as: Self.id) == .granted(Self.id, tasks: 1))
      #expect(trace.lastNumber == 2)
    }

    @Test func `a second tracer sees what the first one registers`() throws {
      let fs = try PrivateBPFFS()
      let early = try ChildProcess("cat", input: .open)
      let late = try ChildProcess("cat", input: .open)
      var first = try LiveTrace.attached(keeper: try Keeper(at: fs.keep))
      #expect(try first.register(UInt32(early.pid), as: Self.id) == .granted(Self.id, tasks: 1))
      var second = try LiveTrace.attached(keeper: try Keeper(at: fs.keep))
      #expect(second.state.containers(of: UInt32(early.pid)).elements.map(\.id) == [Self.id])
      let other = ContainerID(high: 3, low: 4712)
      #expect(try first.register(UInt32(late.pid), as: other) == .granted(other, tasks: 1))
      try second.drain(until: "the registration") {
        $0.state.containers(of: UInt32(late.pid)).elements.map(\.id) == [other]
      }
      let told = second.events.flatMap(\.containers).filter { $0.id == other }
      #expect(told.map(\.opid) == [UInt32(late.pid)] && told.map(\.begins) == [true])
    }
  }
}
