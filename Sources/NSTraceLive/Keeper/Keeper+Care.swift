// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import Glibc
public import NSTrace

/// What root does with a keeper besides tracing.
extension Keeper {
  /// The version of its layout.
  public var version: UInt32 { unsafe nst_keeper_state(raw).version }

  /// When it was made: CLOCK_BOOTTIME, nanoseconds.
  public var madeNs: UInt64 { unsafe nst_keeper_state(raw).made_ns }

  /// Whether no registration may be changed or taken back, nor the keeper removed, until reboot.
  public var isLocked: Bool {
    unsafe nst_keeper_state(raw).flags & UInt32(NST_KEEPER_LOCKED) != 0
  }

  /// Locks it until reboot. It has to be open to write.
  public func lock() { unsafe nst_keeper_set_flags(raw, UInt32(NST_KEEPER_LOCKED)) }

  /// Whether it was told to stay when no container lives.
  public var isMadeToStay: Bool {
    unsafe nst_keeper_state(raw).flags & UInt32(NST_KEEPER_STAYS) != 0
  }

  private func haveStay() { unsafe nst_keeper_set_flags(raw, UInt32(NST_KEEPER_STAYS)) }

  /// Makes a keeper that stays when no container lives, or has the one that is there stay.
  /// - Parameters:
  ///   - path: the directory.
  ///   - verbose: libbpf says on standard error what it does.
  /// - Returns: what has become of its program, if it was there.
  /// - Throws: `KeeperError`; `.inUse` if another tracer has not pinned its own yet, and
  ///   `.programInUse` if the program is to be replaced, which only the tracer that registers may do.
  ///   `SystemError` if it cannot be pinned.
  public static func make(at path: String, verbose: Bool) throws -> KeeperRenewal {
    let keeper = try opened(at: path, verbose: verbose)
    if keeper.registers {
      try keeper.pinNow()
      keeper.haveStay()
      return keeper.renewal
    }
    let found = try Keeper(existingAt: path, writes: true)
    found.haveStay()
    let renewal = found.compareProgram(verbose: verbose)
    if renewal == .due { throw KeeperError.programInUse(path) }
    return renewal
  }

  private static func opened(at path: String, verbose: Bool) throws(KeeperError) -> Keeper {
    do throws(KeeperError) {
      return try Keeper(at: path, verbose: verbose)
    } catch {
      throw error.isClaimed ? KeeperError.inUse(path) : error
    }
  }

  /// Whether its program is this version's. It has to be open to write, to load this version's beside it.
  /// - Parameter verbose: libbpf says on standard error what it does.
  /// - Returns: `.unneeded`: it is; `.due` or `.locked`: it is another; `.failed`: that cannot be told.
  public func compareProgram(verbose: Bool) -> KeeperRenewal {
    unsafe KeeperRenewal(of: raw, in: directory, replaces: false, verbose: verbose)
  }

  /// How many registrations, sessions and stains it has, and of all those that cannot be nstrace's.
  /// - Throws: `SystemError` if they cannot be read.
  public func counts() throws(SystemError) -> Counts {
    let (registrations, sessions, stains) = (try read(), try readSessions(), try readStains())
    return Counts(
      registrations: registrations.kept.count, sessions: sessions.kept.count,
      stains: stains.kept.count,
      damaged: registrations.damaged + sessions.damaged.count + stains.damaged)
  }

  /// What a keeper has.
  public struct Counts: Equatable, Sendable {
    /// The registrations.
    public var registrations: Int
    /// The container sessions.
    public var sessions: Int
    /// The container IDs of namespaces.
    public var stains: Int
    /// The entries that cannot be nstrace's.
    public var damaged: Int
  }

  /// Whether a tracer registers there.
  /// - Throws: `KeeperError` if the directory cannot be opened.
  public static func hasTracer(at path: String) throws(KeeperError) -> Bool {
    let directory = try KeeperClaim.open(path, makes: false)
    defer { close(directory) }
    let result = nst_keeper_is_claimed(directory)
    guard result >= 0 else { throw .unreadable(path, errno: -result) }
    return result == 1
  }

  /// Removes what a directory has of a keeper, of any version, and the directory if it is empty then.
  /// - Throws: `KeeperError`; `.locked`, `.inUse`, and `.unreadable` if it cannot be told whether it is
  ///   locked: nothing is removed; `.notRemoved`.
  public static func remove(at path: String) throws(KeeperError) {
    let claim = try KeeperClaim.take(at: path, makes: false)
    defer { close(claim.directory) }
    guard claim.isHeld else { throw .inUse(path) }
    guard try !isLocked(claim.directory, path) else { throw .locked(path) }
    let result = nst_keeper_unpin(claim.directory)
    guard result == 0 else { throw .notRemoved(path, errno: -result) }
    unsafe rmdir(path)
  }

  /// Whether a keeper is locked that this version need not know.
  private static func isLocked(_ directory: Int32, _ path: String) throws(KeeperError) -> Bool {
    var flags: UInt32 = 0
    let result = unsafe nst_keeper_read_flags(directory, &flags)
    guard result == 0 else { throw .unreadable(path, errno: -result) }
    return flags & UInt32(NST_KEEPER_LOCKED) != 0
  }
}
