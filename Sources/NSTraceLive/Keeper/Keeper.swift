// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import Glibc
public import NSTrace

/// What keeps container IDs when the tracer ends: the numbers of processes, the registrations, and
/// the program that gives a child its parent's number, pinned in a bpffs (docs/identity.md).
///
/// Nothing is pinned before the first registration, unless `pinNow()` is called. The directory
/// stays open, and with it the claim to be the one tracer that registers.
@safe
public final class Keeper {
  /// The directory of the pins.
  public let path: String
  /// Whether this tracer registers. Else another one does, and this one only reads.
  public let registers: Bool
  /// Whether a keeper without a link was found, and replaced.
  public let replacesHalf: Bool
  /// What has become of the program, if another version of nstrace made the keeper.
  public let renewal: KeeperRenewal
  /// Whether it was found, and not made by this tracer.
  public var isFound: Bool { unsafe nst_keeper_is_found(raw) != 0 }
  /// Pins it; nil: `pinNow()` does.
  package var pin: (() throws(SystemError) -> Void)?
  /// Whether its pins are known to be there.
  package private(set) var isPinned: Bool
  /// Why it could not be pinned.
  private var failure: SystemError?
  let directory: Int32
  let raw: OpaquePointer

  /// Where it is unless another directory is given.
  public static var defaultPath: String { "/sys/fs/bpf/nstrace" }

  /// Opens the keeper in a directory to register, or to read it if another tracer registers all of a
  /// second. If there is none it makes one, the directory, and a bpffs at /sys/fs/bpf.
  /// - Parameters:
  ///   - path: the directory.
  ///   - verbose: libbpf says on standard error what it does.
  /// - Throws: `KeeperError`
  public init(at path: String, verbose: Bool = false) throws(KeeperError) {
    let claim = try KeeperClaim.take(at: path, makes: true)
    do throws(KeeperError) {
      let opening = try KeeperOpening(claim, path, verbose: verbose)
      unsafe raw = opening.raw
      registers = opening.registers
      replacesHalf = opening.replacesHalf
      renewal = opening.renewal
    } catch {
      close(claim.directory)
      throw error
    }
    self.path = path
    directory = claim.directory
    isPinned = unsafe nst_keeper_is_found(raw) != 0
  }

  /// Opens the keeper in a directory without a claim: another tracer may register, or none.
  /// - Parameters:
  ///   - path: the directory.
  ///   - writes: whether its flags are to be set.
  /// - Throws: `KeeperError`, also if there is none.
  public init(existingAt path: String, writes: Bool = false) throws(KeeperError) {
    var status = nst_keeper_status()
    let directory = unsafe nst_keeper_open_directory(path, 0, &status)
    guard directory >= 0 else { throw KeeperError(path, status) }
    guard let found = unsafe nst_keeper_find(directory, writes ? 1 : 0, &status) else {
      close(directory)
      throw KeeperError(path, status)
    }
    unsafe raw = found
    self.path = path
    self.directory = directory
    (registers, replacesHalf, renewal, isPinned) = (false, false, .unneeded, true)
  }

  deinit {
    unsafe nst_keeper_close(raw)
    close(directory)
  }

  /// Its descriptors for an attendant that pins it, in the order of `enum nst_keeper_pin`.
  package var descriptors: [Int32] {
    (0..<NST_KEEPER_PINS.rawValue).map { unsafe nst_keeper_descriptor(raw, nst_keeper_pin($0)) }
  }

  /// Pins it, while files may still be made.
  /// - Throws: `SystemError`.
  public func pinNow() throws(SystemError) {
    if isPinned { return }
    let result = unsafe nst_keeper_pin(raw, directory)
    guard result == 0 else { throw SystemError("pin the keeper in \(path)", errno: -result) }
    isPinned = true
  }

  /// Removes its pins, while files may still be removed.
  /// - Throws: `SystemError`.
  public func unpinNow() throws(SystemError) {
    let result = nst_keeper_unpin(directory)
    guard result == 0 else { throw SystemError("remove the keeper in \(path)", errno: -result) }
    isPinned = false
  }

  /// Whether its pins were removed, so that no other tracer registers there any more.
  package var isRemoved: Bool {
    unsafe nst_keeper_state(raw).flags & UInt32(NST_KEEPER_REMOVED) != 0
  }

  /// Has the tracers that read it know that its pins were removed.
  package func noteRemoval() { unsafe nst_keeper_set_flags(raw, UInt32(NST_KEEPER_REMOVED)) }

  /// Notes that it is pinned after all, by an attendant that has answered late.
  package func notePins() { (isPinned, failure) = (true, nil) }

  /// Why registrations are not kept beyond the tracer's end; given once, nil: they are.
  package func takeFailure() -> SystemError? {
    defer { failure = nil }
    return failure
  }
}

// MARK: - Registrations

extension Keeper {
  /// Raised after each change of the registrations, by whichever tracer.
  var changes: UInt64 { unsafe nst_keeper_changes(raw) }

  /// The highest number that was ever given.
  var lastNumber: UInt32 {
    let kept = try? read().kept.last?.number
    return max(unsafe nst_keeper_state(raw).last_number, kept ?? 0)
  }

  /// The highest number that a registration was given, by the keeper's state.
  var lastGiven: UInt32 { unsafe nst_keeper_state(raw).last_number }

  /// Whether it is to stay when no container lives.
  package var stays: Bool {
    let flags = unsafe nst_keeper_state(raw).flags
    return flags & UInt32(NST_KEEPER_STAYS | NST_KEEPER_LOCKED) != 0
  }

  /// Whether it has a registration or a session.
  package var hasContainers: Bool {
    get throws(SystemError) {
      let (registrations, sessions) = (try read(), try readSessions())
      return !registrations.kept.isEmpty || !sessions.kept.isEmpty
    }
  }

  /// Whether it has no registration and no session, sound ones at least, and no stain.
  package var isEmpty: Bool {
    get throws(SystemError) {
      let (registrations, stains) = (try read(), try readStains())
      let hasDamaged = registrations.damaged > 0 || stains.damaged > 0
      return try !hasContainers && stains.kept.isEmpty && !hasDamaged
    }
  }

  /// The kernel's id of the program.
  package var programID: UInt32 { unsafe nst_keeper_program_id(raw) }

  /// How many registrations, sessions and stains cannot be nstrace's.
  public var damagedEntries: Int { (try? counts().damaged) ?? 0 }

  /// All registrations, by number, and how many there are besides that cannot be nstrace's.
  /// - Throws: `SystemError`.
  func read() throws(SystemError) -> (kept: [KeptRegistration], damaged: Int) {
    var kept: [UInt32: KeptRegistration] = [:]
    var damaged: Set<UInt32> = []
    var number: UInt32 = 0
    for step in 0..<Self.stepLimit {
      var entry = nst_keeper_entry()
      switch unsafe nst_keeper_next(raw, step == 0 ? 1 : 0, &number, &entry) {
      case 1: kept[number] = KeptRegistration(entry)
      case -EBADMSG: damaged.insert(number)
      case 0: return (kept.values.sorted { $0.number < $1.number }, damaged.count)
      case let result: throw SystemError("read the keeper in \(path)", errno: -result)
      }
    }
    throw SystemError("read the keeper in \(path), which changes all the time", errno: EAGAIN)
  }

  /// A table that another tracer changes meanwhile can begin anew.
  private static let stepLimit = 4 * Int(NST_KEEPER_REGISTRATIONS)

  /// Adds or replaces a registration, which is under way until `grant()`. The first one pins the
  /// keeper; if that fails, it ends with the tracer.
  /// - Throws: `SystemError`; ENOSPC: there are `NST_KEEPER_REGISTRATIONS`, or no memory.
  func put(_ kept: KeptRegistration) throws(SystemError) {
    pinFirst()
    var entry = kept.entry
    let result = unsafe nst_keeper_put(raw, &entry)
    guard result == 0 else { throw SystemError("keep a registration", errno: -result) }
  }

  /// All tasks of the registration under way have its number.
  func grant() { unsafe nst_keeper_grant(raw) }

  /// The number of the registration under way; nil: none is.
  var underWay: UInt32? {
    let number = unsafe nst_keeper_state(raw).under_way
    return number == 0 ? nil : number
  }

  /// Pins it, if it is not pinned yet. If that fails, it ends with the tracer.
  package func pinFirst() {
    if isPinned { return }
    do throws(SystemError) {
      if let pin { try pin() } else { try pinNow() }
      isPinned = true
    } catch {
      failure = error
    }
  }

  /// Removes a registration, if it is there.
  func remove(_ number: UInt32) { _ = unsafe nst_keeper_remove(raw, number) }
}
