// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CLinux
internal import CNSWire
internal import Glibc
internal import NSTrace

/// The running kernel: the BPF programs, cgroupfs and the clocks.
struct KernelPort: StreamPort, ~Copyable {
  let probe: Probe
  let ringBytes: Int
  /// The attached hooks, NST_HOOK_*.
  let hooks: UInt32
  /// The version of nstrace.
  let version: String
  /// Where numbers and registrations are that outlive the tracer; nil: they do not.
  let keeper: Keeper?
  /// The hooks that could not be attached; nil: all were.
  let shortfall: KernelSource.Shortfall?
  let tierReason: HookTierReason
  /// Opened at the start, because the sandbox lets a tracer list directories but open no files.
  private let cgroupRoots: [CgroupRoot]
  private var cgroups = CgroupWalk(over: [])
  /// The kernel's audit; nil: it is no part of the stream.
  var audit: AuditSocket?
  /// Room for the MEMBER records of one pass: bytes.
  var memberRoom = 1 << 16

  /// Loads the programs and attaches them.
  /// - Throws: `ProbeError`.
  init(
    ringBytes: Int, hooks tier: HookTier, shareRate: UInt32, keeper: Keeper?, version: String,
    verbose: Bool
  ) throws(ProbeError) {
    // Before anything is attached: it may enter the host's cgroup namespace for a moment.
    let cgroups = Result { () throws(CgroupsHidden) in try CgroupRoot.all() }
    var status = nst_probe_status()
    var options = unsafe nst_probe_options(
      ring_bytes: UInt32(ringBytes), tier: tier.raw, share_rate: shareRate,
      verbose: verbose ? 1 : 0, keeper: keeper?.raw)
    guard let raw = unsafe nst_probe_open(&options, &status) else { throw ProbeError(status) }
    let probe = unsafe Probe(raw: raw)
    var initial = nst_set()
    unsafe nst_probe_initial_set(probe.raw, &initial)
    cgroupRoots = try Surroundings.check(cgroups, initial)
    self.probe = probe
    self.keeper = keeper
    self.ringBytes = ringBytes
    self.version = version
    hooks = status.hooks
    shortfall = KernelSource.Shortfall(status)
    tierReason = HookTierReason(status)
  }

  var cgroupDirectories: [Int32] { cgroupRoots.map(\.descriptor) }

  /// Becomes readable, for poll(2), when records stand in the ring.
  var descriptor: Int32 { unsafe nst_probe_fd(probe.raw) }

  /// Sleeps for `milliseconds`, or until the ring is half full.
  func nap(milliseconds: Int32) { unsafe nst_probe_nap(probe.raw, milliseconds) }
}

// MARK: - Ring

extension KernelPort {
  mutating func takeRing(into batch: inout RecordBatch, room: Int) {
    unsafe batch.append(room: room) { room in
      unsafe nst_probe_read(probe.raw, room.baseAddress, room.count)
    }
  }

  func lost(_ kind: UInt16) -> UInt64 { unsafe nst_probe_lost(probe.raw, kind) }

  /// How many records of a kind found room in the ring.
  func submitted(_ kind: UInt16) -> UInt64 { unsafe nst_probe_submitted(probe.raw, kind) }

  mutating func takeLostSince() -> UInt64 { unsafe nst_probe_take_lost_since(probe.raw) }

  var held: UInt64 { unsafe nst_probe_held(probe.raw) }

  var unkept: UInt64 { unsafe nst_probe_unkept(probe.raw) }

  mutating func takeUnkeptSince() -> UInt64 { unsafe nst_probe_take_unkept_since(probe.raw) }

  mutating func takeHeld() -> [nst_held] {
    let room = Int(NST_SHARES) * 2
    var all: [nst_held] = []
    var count = room
    while count > room - Int(NST_SHARE_KINDS) {
      var part = [nst_held](repeating: nst_held(), count: room)
      count = unsafe nst_probe_take_held(probe.raw, &part, room)
      all += part.prefix(count)
    }
    return all
  }
}

// MARK: - Walks

extension KernelPort {
  mutating func beginWalk(reports: Bool) throws(SystemError) {
    let result = unsafe nst_probe_snapshot_begin(probe.raw, reports ? 1 : 0)
    guard result == 0 else { throw SystemError("walk over the tasks", errno: -result) }
  }

  mutating func takeWalk(into batch: inout RecordBatch, room: Int) throws(SystemError) {
    try unsafe batch.append(
      room: room,
      reading: { room throws(SystemError) in
        let bytes = unsafe nst_probe_snapshot_read(probe.raw, room.baseAddress, room.count)
        guard bytes >= 0 else { throw SystemError("walk over the tasks", errno: Int32(-bytes)) }
        return bytes
      })
  }

  mutating func beginCgroups() { cgroups = CgroupWalk(over: cgroupRoots) }

  var hasCgroups: Bool { !cgroups.isOver }

  mutating func takeCgroups(_ count: Int) -> [CgroupWalk.Found] { cgroups.next(count) }
}

// MARK: - Keeper

extension KernelPort {
  var registers: Bool { keeper?.registers ?? true }

  var keptChanges: UInt64 { keeper?.changes ?? 0 }

  var lastKept: UInt32 { keeper?.lastGiven ?? 0 }

  var keptUnderWay: UInt32? { keeper?.underWay }

  mutating func readKept() throws(SystemError) -> [KeptRegistration] {
    try keeper?.read().kept ?? []
  }

  mutating func readSessions() throws(SystemError) -> SessionsFound {
    guard let keeper else { return SessionsFound() }
    return SessionsFound(sessions: try keeper.readSessions().kept, last: keeper.lastSession)
  }

  mutating func readInside(_ sessions: [KeptSession]) throws(SystemError) -> [nst_inside] {
    guard let keeper else { return [] }
    let time = now(.boot)
    var inside = try keeper.readInside(sessions)
    for index in inside.indices { inside[index].hdr.time_ns = time }
    return inside
  }

  mutating func readStains() throws(SystemError) -> [KeptStain] {
    try keeper?.readStains().kept ?? []
  }

  mutating func keep(_ stain: KeptStain) throws(SystemError) {
    if let keeper, keeper.registers { try keeper.put(stain) }
  }

  mutating func forget(_ stain: NamespaceStain) {
    if let keeper, keeper.registers { keeper.remove(stain) }
  }

  mutating func numbered() throws(SystemError) -> [nst_member] {
    try pass(NST_FAMILY_NUMBERED, nst_family(tgid: 0, container: 0, previous: 0))
  }

  /// Takes back what an earlier tracer was about to register when it ended: nobody was told that it
  /// was granted.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func takeBackUnfinished() throws(SystemError) {
    guard let keeper, let number = keeper.underWay else { return }
    let kept = try keeper.read().kept.first { $0.number == number }
    let family = nst_family(
      tgid: 0, container: number, previous: kept?.record.previous ?? 0)
    for _ in 0..<KernelRegistration.passesMax {
      if try pass(NST_FAMILY_NONE, family).isEmpty { break }
    }
    forgetKept(number)
  }
}

// MARK: - Hooks

extension KernelPort {
  func readHooks() -> HookWatch.Reading? {
    var skipped = [UInt64](repeating: 0, count: Int(NST_KIND_HOST.rawValue))
    let result = unsafe skipped.withUnsafeMutableBufferPointer { counts in
      unsafe nst_probe_skipped(probe.raw, counts.baseAddress)
    }
    guard result == 0 else { return nil }
    let fexitRuns = unsafe nst_probe_fexit_runs(probe.raw) != 0
    return HookWatch.Reading(skipped: skipped, fexitRuns: fexitRuns)
  }

  var canFallBack: Bool { unsafe nst_probe_can_fall_back(probe.raw) != 0 }

  mutating func fallBack() throws(SystemError) {
    let result = unsafe nst_probe_fall_back(probe.raw)
    guard result == 0 else {
      throw SystemError("look at the return of system calls", errno: -result)
    }
  }
}

// MARK: - Clocks and namespaces

extension KernelPort {
  func now(_ clock: StreamClock) -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(Self.number(of: clock), &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private static func number(of clock: StreamClock) -> clockid_t {
    switch clock {
    case .boot: CLOCK_BOOTTIME
    case .real: CLOCK_REALTIME
    case .processor: CLOCK_THREAD_CPUTIME_ID
    }
  }

  func canAsk(_ initial: nst_set) -> Bool {
    var initial = initial
    return unsafe nst_can_ask(&initial) != 0
  }

  func ask(_ id: NamespaceID) -> nst_answer {
    nst_ask(id.nsid, id.inum, UInt32(id.kind.cloneFlag))
  }
}
