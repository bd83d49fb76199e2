// SPDX-License-Identifier: Apache-2.0

import CBPF
import CNSWire
import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

extension LiveTests {
  /// A keeper that several processes use, one after the other or at once (docs/identity.md).
  @Suite struct KeeperCareTests {
    // MARK: Claimed

    /// `nstrace keeper status` looks like that.
    @Test func `who looks whether a tracer registers keeps none from it`() throws {
      let fs = try PrivateBPFFS()
      let looking = try KeeperClaim.open(fs.keep, makes: true)
      #expect(flock(looking, LOCK_SH) == 0)
      #expect(try !Keeper.hasTracer(at: fs.keep))
      var waits = 0
      let claim = try KeeperClaim.take(at: fs.keep, makes: false) {
        waits += 1
        if waits == 3 { close(looking) }
      }
      #expect(claim.isHeld && waits == 3)
      #expect(try Keeper.hasTracer(at: fs.keep))
      close(claim.directory)
      #expect(try !Keeper.hasTracer(at: fs.keep))
    }

    @Test func `a claim that another tracer keeps is not had`() throws {
      let fs = try PrivateBPFFS()
      let first = try KeeperClaim.take(at: fs.keep, makes: true)
      var waits = 0
      let second = try KeeperClaim.take(at: fs.keep, makes: true) { waits += 1 }
      #expect(first.isHeld && !second.isHeld && waits == KeeperClaim.attempts - 1)
      close(first.directory)
      close(second.directory)
    }

    /// The attendant of a tracer that ends removes it.
    @Test func `the claim is to the directory that is there`() throws {
      let fs = try PrivateBPFFS()
      let path = fs.keep
      let removed = try KeeperClaim.open(path, makes: true)
      rmdir(path)
      #expect(nst_keeper_claim(removed, path) == -ESTALE)
      let other = try KeeperClaim.take(at: path, makes: true) { Issue.record("it is claimed") }
      #expect(other.isHeld && nst_keeper_claim(removed, path) == -ESTALE)
      close(removed)
      close(other.directory)
    }

    @Test func `a lock that cannot be had for another reason is said`() throws {
      let fs = try PrivateBPFFS()
      #expect(nst_keeper_claim(-1, fs.keep) == -EBADF)
      #expect(nst_keeper_is_claimed(-1) == -EBADF)
    }

    /// It is pinned, removed or renewed pin by pin.
    @Test(arguments: ["link", "program", "state"])
    func `what another tracer has by halves is its own`(_ pin: String) throws {
      let fs = try PrivateBPFFS()
      let first = try Keeper(at: fs.keep)
      try KeeperTests.put(1, in: first)
      unlink("\(fs.keep)/\(pin)")
      #expect(KeeperTests.refusal(fs.keep) == .claimed(fs.keep))
      #expect(first.registers)
    }

    // MARK: Locked

    private static func removal(of path: String) -> KeeperError? {
      do throws(KeeperError) {
        try Keeper.remove(at: path)
        return nil
      } catch {
        return error
      }
    }

    @Test func `a locked keeper of another layout is not removed`() throws {
      let fs = try PrivateBPFFS()
      try KeeperTests.make(in: fs)
      try KeeperTests.forge("\(fs.keep)/state", "locked-version")
      #expect(Self.removal(of: fs.keep) == .locked(fs.keep))
      #expect(fs.pins == PrivateBPFFS.allPins)
      try KeeperTests.forge("\(fs.keep)/state", "version")
      #expect(Self.removal(of: fs.keep) == nil)
      #expect(Files.mode(fs.keep) == nil)
    }

    /// What is no keeper's state has no flags, whatever it holds.
    @Test(arguments: ["garbage", "small", "huge", "program", "hash"])
    func `what is no keeper is removed`(_ kind: String) throws {
      let fs = try PrivateBPFFS()
      try KeeperTests.make(in: fs)
      try KeeperTests.forge("\(fs.keep)/state", kind)
      #expect(Self.removal(of: fs.keep) == nil)
      #expect(Files.mode(fs.keep) == nil)
    }

    /// Runs `nstrace keeper VERB`, which can have so many files open.
    private static func starve(_ verb: String, at path: String, _ files: Int) throws {
      var command = try ChildProcess(
        "prlimit", ["--nofile=\(files)", BuiltProducts.nstrace, "keeper", verb, "--keep", path])
      try command.waitForExit()
    }

    @Test func `a locked keeper stays where no file can be opened`() throws {
      let fs = try PrivateBPFFS()
      try KeeperTests.make(in: fs)
      try Keeper(existingAt: fs.keep, writes: true).lock()
      for files in 3...20 {
        try Self.starve("remove", at: fs.keep, files)
        #expect(fs.pins == PrivateBPFFS.allPins, "with \(files) files")
      }
    }

    // MARK: Renewed

    private static func making(_ path: String) throws -> KeeperError? {
      do {
        _ = try Keeper.make(at: path, verbose: false)
        return nil
      } catch let error as KeeperError {
        return error
      }
    }

    /// It would have two tracers change the pins. The upgrade is then incomplete, and that is said.
    @Test func `another version's program is not replaced beside a tracer that registers`() throws {
      let fs = try PrivateBPFFS()
      do {
        let first = try Keeper(at: fs.keep)
        #expect(try Self.making(fs.keep) == .inUse(fs.keep))
        try KeeperTests.put(1, in: first)
        #expect(try Self.making(fs.keep) == nil)
        #expect(first.isMadeToStay)
        try KeeperTests.forgeOlder(in: fs, linked: true)
        let older = try Keeper(existingAt: fs.keep).programID
        #expect(try Self.making(fs.keep) == .programInUse(fs.keep))
        let found = try Keeper(existingAt: fs.keep, writes: true)
        #expect(found.programID == older && found.compareProgram(verbose: false) == .due)
        #expect(first.registers)
      }
      #expect(try Keeper.make(at: fs.keep, verbose: false) == .done)
      #expect(
        try Keeper(existingAt: fs.keep, writes: true).compareProgram(verbose: false) == .unneeded)
    }

    /// Neither finished nor given up by whoever cannot tell how far it came.
    @Test func `a replacement is finished later if files cannot be opened now`() throws {
      let fs = try PrivateBPFFS()
      try KeeperTests.make(in: fs)
      let made = try Keeper(existingAt: fs.keep).programID
      for files in 3...20 {
        rename("\(fs.keep)/program", "\(fs.keep)/program-new")
        try KeeperTests.forgeOlder(in: fs, linked: false)
        try Self.starve("make", at: fs.keep, files)
        let found = try Keeper(at: fs.keep)
        #expect(found.renewal == .unneeded && found.programID == made, "with \(files) files")
      }
    }

    // MARK: Told

    @Test func `who reads a keeper learns that it was removed, by whom ever`() throws {
      let fs = try PrivateBPFFS()
      do {
        let first = try Keeper(at: fs.keep)
        try KeeperTests.put(1, in: first)
        let second = try Keeper(existingAt: fs.keep)
        #expect(!second.isRemoved)
        try first.unpinNow()
        #expect(second.isRemoved)
      }
      try KeeperTests.make(in: fs)
      let reader = try Keeper(existingAt: fs.keep)
      #expect(!reader.isRemoved)
      try Keeper.remove(at: fs.keep)
      #expect(reader.isRemoved)
    }

    /// As an attendant answers that is not waited for any longer.
    @Test func `pins that came late are not asked for again`() throws {
      let fs = try PrivateBPFFS()
      let keeper = try Keeper(at: fs.keep)
      let late = SystemError("hear from the attendant", errno: ETIMEDOUT)
      keeper.pin = { () throws(SystemError) in throw late }
      try KeeperTests.put(1, in: keeper)
      #expect(!keeper.isPinned && keeper.takeFailure() == late)
      keeper.notePins()
      try KeeperTests.put(2, in: keeper)
      #expect(keeper.isPinned && keeper.takeFailure() == nil)
    }
  }
}
