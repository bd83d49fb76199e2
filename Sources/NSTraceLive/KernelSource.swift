// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CLinux
internal import CNSWire
internal import Glibc
public import NSTrace

/// The kernel's ring, and what user space adds to the stream: the host, the clock, snapshots, losses.
///
/// Attached first, walked second: what happens while the snapshot is taken stands in the ring and
/// comes behind it, or between its parts. Each task's own times tell which is newer.
public struct KernelSource: RecordSource, ~Copyable {
  private enum Phase {
    case hello
    /// In a walk over all tasks; after each part of it the ring is read once.
    case walking(tasks: UInt64, ringIsNext: Bool)
    /// The walk is over; the ring holds no more than this of what happened meanwhile.
    case settling(tasks: UInt64, bytesLeft: Int)
    case live
    /// Something was lost; what stood in the ring then, at most this much, comes first.
    case gap(bytesLeft: Int)
  }

  enum Fallback { case untried, failed, used }

  /// What could not be attached to, all of it dispensable.
  public struct Shortfall: Error, CustomStringConvertible, Sendable {
    public let missing: [Hook]
    /// Why tracefs, where system call tracepoints are found, is not there; nil: it is.
    public let tracefsError: SystemError?
    /// Why the hooks could not be had.
    public let hookError: SystemError

    /// What is missing, why, what is lost by it, and what to do.
    public var description: String {
      let losses = missing.compactMap(\.loss)
      let remedy =
        tracefsError != nil
        ? "mount it (mount -t tracefs nodev /sys/kernel/tracing) and start again"
        : "give CAP_DAC_READ_SEARCH and CAP_PERFMON, or start as root"
      return "\(tracefsError ?? hookError): \(losses.joined(separator: "; ")); \(remedy)"
    }
  }

  let probe: Probe
  /// The ring's size.
  public let ringBytes: Int
  private var phase = Phase.hello
  /// A walk for those who need an explanation.
  var census = Census()
  private var encoder = RecordEncoder()
  private var lost: [UInt64]
  /// The cgroups that are still to be told of before the tasks are walked over.
  private var cgroups = CgroupWalk(over: [])
  /// Opened at the start: in its sandbox a tracer lists directories, but reads no files.
  private let cgroupRoots: [CgroupRoot]
  /// Walks since the last one that was complete.
  private var walks = 0
  private var realtimeOffsetNs: Int64 = 0
  /// What is not seen here; nil: nothing.
  public let shortfall: Shortfall?
  /// By what system calls are seen, and why.
  public let tierReason: HookTierReason
  /// Whether the kernel runs what was attached: KernelSource+Skips.swift.
  var watch: HookWatch
  var notices: [HookNotice] = []
  var hasNoticedSkips = false
  /// The return of every system call is looked at in place of fexit programs.
  var fallback = Fallback.untried
  /// What a registration has put behind the ring's records, and how much of the ring comes first.
  private var pending = RecordEncoder()
  private var bytesBeforePending = 0
  /// Room for the MEMBER records of one pass.
  private var memberRoom = 1 << 16
  /// The number of the next registration that is granted; none is given twice.
  var nextContainer: UInt32 = 1
  /// Of what stands in the HOST record.
  private let version: String
  private var hooks: UInt32
  /// What became of namespaces, to be put behind what the ring holds.
  private var answers = RecordEncoder()
  /// Where among those that wait the next question begins.
  private var nextQuestion = 0

  /// A ring that overflows during each of so many walks will do it again: the next loss then begins
  /// the next walk, and the stream goes on in between.
  private static let walksMax = 5
  /// How much is moved out of the ring at a time.
  private static let readBytes = 1 << 20
  /// The clock is said to have been stepped when it moved by more than this against boot time.
  private static let clockStepNs: Int64 = 1_000_000

  /// Loads the programs and attaches them.
  /// - Parameters:
  ///   - ringBytes: size of the ring, a power of two of at least a page.
  ///   - hooks: what is to see system calls about namespaces.
  ///   - version: of nstrace, for the stream's first record.
  ///   - verbose: libbpf says on standard error what it does.
  /// - Throws: `ProbeError`.
  public init(
    ringBytes: Int, hooks tier: HookTier = .auto, version: String, verbose: Bool = false
  ) throws(ProbeError) {
    // Before anything is attached, for it may take a turn through the host's cgroup namespace.
    let cgroups = Result { () throws(CgroupsHidden) in try CgroupRoot.all() }
    var status = nst_probe_status()
    guard
      let raw = unsafe nst_probe_open(UInt32(ringBytes), tier.raw, verbose ? 1 : 0, &status)
    else {
      throw ProbeError(status)
    }
    let probe = unsafe Probe(raw: raw)
    var initial = nst_set()
    unsafe nst_probe_initial_set(probe.raw, &initial)
    cgroupRoots = try Surroundings.check(cgroups, initial)
    self.probe = probe
    self.ringBytes = ringBytes
    self.version = version
    hooks = status.hooks
    lost = Array(repeating: 0, count: Int(NST_KIND_HOST.rawValue))
    shortfall = Shortfall(status)
    tierReason = HookTierReason(status)
    watch = HookWatch(HookWatch.Reading(skipped: lost), at: Self.now(CLOCK_BOOTTIME))
  }

  /// Becomes readable, for poll(2), when the source is no longer idle.
  public var descriptor: Int32 { unsafe nst_probe_fd(probe.raw) }

  /// Whether the stream goes on without a walk of its own.
  var isLive: Bool {
    if case .live = phase { return true }
    return false
  }

  /// Whether the ring was nearly empty when it was last read, so that a rest costs nothing.
  public internal(set) var isCaughtUp = false

  /// Lets records gather: sleeps for `milliseconds`, or until the ring is half full.
  public func nap(milliseconds: Int32) { unsafe nst_probe_nap(probe.raw, milliseconds) }

  /// The next records, without waiting for any.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  public mutating func next(into batch: inout RecordBatch) throws(SystemError) -> SourceStatus {
    encoder.removeAll()
    if hasPending, let status = nextPending(into: &batch) { return status }
    switch phase {
    case .hello: try hello()
    case .walking(let tasks, true):
      phase = .walking(tasks: tasks, ringIsNext: false)
      return readRing(into: &batch)
    case .walking(let tasks, false): return try walk(tasks, into: &batch)
    case .settling(let tasks, let bytesLeft): return try settle(tasks, bytesLeft, into: &batch)
    case .live: return try live(into: &batch)
    case .gap(let bytesLeft): return try crossGap(bytesLeft, into: &batch)
    }
    return give(&batch)
  }

  private func give(_ batch: inout RecordBatch) -> SourceStatus {
    batch.removeAll()
    batch.append(encoder.bytes)
    return .records
  }
}

// MARK: - The ring

extension KernelSource {
  private mutating func readRing(into batch: inout RecordBatch) -> SourceStatus {
    noticeClockStep()
    batch.removeAll()
    batch.append(encoder.bytes)
    unsafe batch.append(room: Self.readBytes) { room in
      unsafe nst_probe_read(probe.raw, room.baseAddress, room.count)
    }
    return batch.isEmpty ? .idle : .records
  }

  private mutating func live(
    into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus {
    watchHooks()
    let status = readRing(into: &batch)
    let mustWalk = lossIsNew || watch.isWalkDue
    // Where programs were skipped the ring need not be full: what is in it may come behind.
    if mustWalk { phase = .gap(bytesLeft: lossIsNew ? ringBytes : 0) }
    isCaughtUp = batch.count < Self.readBytes / 2 && !mustWalk
    if try continueCensus(behind: &batch) { return .records }
    guard isCaughtUp, !answers.bytes.isEmpty else { return status }
    batch.append(answers.bytes)
    answers.removeAll()
    return .records
  }

  /// What the kernel side has counted since it was attached, by kind (`enum nst_kind`).
  public func counts(ofKind kind: UInt16) -> (submitted: UInt64, lost: UInt64) {
    unsafe (nst_probe_submitted(probe.raw, kind), nst_probe_lost(probe.raw, kind))
  }

  private var lossIsNew: Bool {
    lost.indices.contains { unsafe nst_probe_lost(probe.raw, UInt16($0)) != lost[$0] }
  }

  /// Reads what was in the ring when it overflowed, then says what is missing, and walks.
  private mutating func crossGap(
    _ bytesLeft: Int, into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus {
    if bytesLeft > 0, readRing(into: &batch) == .records {
      phase = .gap(bytesLeft: bytesLeft - batch.count)
      return .records
    }
    encoder.removeAll()
    lookAtHooks()
    appendLosses()
    try beginWalk()
    return give(&batch)
  }

  /// At the end: what was lost and not told yet, for no snapshot follows any more.
  public mutating func tellLosses(into batch: inout RecordBatch) -> SourceStatus {
    encoder.removeAll()
    lookAtHooks()
    guard lossIsNew || watch.hasUntold else { return .idle }
    appendLosses()
    return give(&batch)
  }

  private mutating func appendLosses() {
    let since = unsafe nst_probe_take_lost_since(probe.raw)
    for kind in lost.indices {
      let total = unsafe nst_probe_lost(probe.raw, UInt16(kind))
      appendLost(kind: UInt16(kind), count: total - lost[kind], since: since)
      lost[kind] = total
    }
    appendSkips()
  }

  mutating func appendLost(kind: UInt16, count: UInt64, since: UInt64, flags: UInt16 = 0) {
    var rest = count
    while rest > 0 {
      var record = nst_lost()
      record.hdr.time_ns = Self.now(CLOCK_BOOTTIME)
      record.since_ns = since
      record.count = UInt32(clamping: rest)
      record.kind = kind
      record.flags = flags
      encoder.append(record)
      rest -= UInt64(record.count)
    }
  }
}

// MARK: - Namespaces that nobody uses

extension KernelSource {
  /// Whether it asks by handles of nsfs, known once the stream has begun. That takes CAP_SYS_ADMIN.
  public var asksNsfs: Bool { hooks & UInt32(NST_HOOK_NSFS) != 0 }

  /// Finds out what has become of these namespaces; what is known then comes with the next records.
  /// For a few of them it asks the kernel, at most `questionsAtOnce`.
  public mutating func answer(_ waiting: [WaitingNamespace]) {
    // Behind a ring that is not empty yet they would come before what it says.
    guard !waiting.isEmpty, answers.bytes.isEmpty else { return }
    if !asksNsfs { lookAtHooks() }
    let now = Self.now(CLOCK_BOOTTIME)
    for step in 0..<min(waiting.count, Self.questionsAtOnce) {
      let one = waiting[(nextQuestion + step) % waiting.count]
      let isDue = now >= one.sinceNs.addingReportingOverflow(Self.freeingNs).partialValue
      let answer = ask(about: one.id, isDue)
      if let answer { append(answer, about: one.id, at: now) }
    }
    nextQuestion = (nextQuestion + Self.questionsAtOnce) % waiting.count
  }

  /// - Returns: nil as long as it may only be that it is not freed yet: zombies are reaped, workers run.
  private func ask(about id: NamespaceID, _ isDue: Bool) -> nst_answer? {
    // The kernel side tells of all that is freed, unless the kernel skips it.
    let silence = watch.reportsAllFreed && fallback != .used ? NST_ANSWER_YES : NST_ANSWER_UNKNOWN
    guard asksNsfs else { return isDue ? silence : nil }
    let answer = nst_ask(id.nsid, id.inum, UInt32(id.kind.cloneFlag))
    return answer == NST_ANSWER_YES && !isDue ? nil : answer
  }

  private mutating func append(_ answer: nst_answer, about id: NamespaceID, at time: UInt64) {
    var record = nst_pinned()
    record.hdr.time_ns = time
    record.id = id.nsid
    record.inum = id.inum
    record.type = UInt32(id.kind.cloneFlag)
    record.answer = answer.rawValue
    answers.append(record)
  }

  /// Two system calls each, 0.4 µs if it is gone and 1.5 µs if it is not (development machine): 2 % of
  /// a nap.
  private static let questionsAtOnce = 256
  /// Nanoseconds: what is there for longer than this after its end is held by something.
  private static let freeingNs: UInt64 = 200_000_000
}

// MARK: - Registrations

extension KernelSource {
  /// A registration has been made that `next(into:)` has not handed out yet: whoever is to judge
  /// another one must have seen it first.
  public var hasPending: Bool { !pending.bytes.isEmpty }

  /// What the ring held when a number was given comes first: births, of tasks that have it now.
  private mutating func nextPending(into batch: inout RecordBatch) -> SourceStatus? {
    if bytesBeforePending > 0, readRing(into: &batch) == .records {
      bytesBeforePending -= batch.count
      return .records
    }
    batch.removeAll()
    batch.append(pending.bytes)
    pending = RecordEncoder()
    return .records
  }

  mutating func enqueue(_ record: nst_register, _ members: [nst_member], name: [UInt8]) {
    bytesBeforePending = record.container == 0 ? 0 : ringBytes
    for member in members { pending.append(member) }
    var record = record
    record.hdr.time_ns = Self.now(CLOCK_BOOTTIME)
    pending.append(record, tail: name)
  }

  mutating func enqueue(_ record: nst_confined) { pending.append(record) }

  func watch(_ family: nst_family, _ isOn: Bool) {
    unsafe withUnsafePointer(to: family) { family in
      unsafe nst_probe_family_watch(probe.raw, family, isOn ? 1 : 0)
    }
  }

  /// Children that the family had, since it is watched, of parents without the number.
  var births: UInt32 { unsafe nst_probe_family_births(probe.raw) }

  /// One pass over the family, whole: the room grows until it is enough.
  mutating func pass(
    _ action: nst_family_action, _ family: nst_family
  ) throws(SystemError) -> [nst_member] {
    while true {
      var members: [nst_member] = []
      let room = memberRoom
      let result = unsafe withUnsafePointer(to: family) { family in
        unsafe withUnsafeTemporaryAllocation(byteCount: room, alignment: 8) { buffer in
          let bytes = unsafe nst_probe_family(
            probe.raw, family, action, buffer.baseAddress, buffer.count)
          if bytes > 0 {
            members = unsafe Array(buffer[..<bytes].bindMemory(to: nst_member.self))
          }
          return bytes
        }
      }
      if result >= 0 { return members }
      guard result == -Int(E2BIG), memberRoom < Self.memberRoomMax else {
        throw SystemError("walk over the tasks", errno: Int32(-result))
      }
      memberRoom *= 4
    }
  }

  /// More than there can be tasks (PID_MAX_LIMIT, 4 Mi).
  private static let memberRoomMax = 1 << 28
}

// MARK: - Snapshots

extension KernelSource {
  private mutating func beginWalk() throws(SystemError) {
    census.abandon()
    try openWalk(reports: true)
    var record = nst_snapshot()
    record.hdr.time_ns = Self.now(CLOCK_BOOTTIME)
    watch.walkBegins(at: record.hdr.time_ns)
    encoder.append(record, kind: NST_KIND_SNAPSHOT_BEGIN)
    cgroups = CgroupWalk(over: cgroupRoots)
    phase = .walking(tasks: 0, ringIsNext: true)
    walks += 1
    isCaughtUp = false
  }

  private mutating func walk(
    _ tasks: UInt64, into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus {
    if !cgroups.isOver {
      tellCgroups()
      phase = .walking(tasks: tasks, ringIsNext: true)
      return give(&batch)
    }
    try readWalk(into: &batch)
    guard !batch.isEmpty else {
      phase = .settling(tasks: tasks, bytesLeft: ringBytes)
      return try settle(tasks, ringBytes, into: &batch)
    }
    phase = .walking(tasks: tasks + Self.taskCount(of: batch), ringIsNext: true)
    return .records
  }

  /// - Parameter reports: what it finds counts as told: it will stand in the stream.
  func openWalk(reports: Bool) throws(SystemError) {
    let result = unsafe nst_probe_snapshot_begin(probe.raw, reports ? 1 : 0)
    guard result == 0 else { throw SystemError("walk over the tasks", errno: -result) }
  }

  func readWalk(into batch: inout RecordBatch) throws(SystemError) {
    batch.removeAll()
    try unsafe batch.append(room: Self.readBytes) { room throws(SystemError) in
      let bytes = unsafe nst_probe_snapshot_read(probe.raw, room.baseAddress, room.count)
      guard bytes >= 0 else { throw SystemError("walk over the tasks", errno: Int32(-bytes)) }
      return bytes
    }
  }

  /// The kernel side tells of cgroups that are made and removed from now on, this of those there were
  /// before, and of what was lost. It comes before the tasks, whose records have only the ids.
  private mutating func tellCgroups() {
    encoder.removeAll()
    for cgroup in cgroups.next(Self.cgroupsAtOnce) {
      // As the kernel side has it: a path of as many bytes may be one that was cut.
      if cgroup.path.count < Int(NST_PATH_BYTES) - 1 { tell(cgroup) } else { tellInside(cgroup) }
    }
  }

  private mutating func tell(_ cgroup: CgroupWalk.Found) {
    var record = nst_cgroup()
    record.hdr.time_ns = Self.now(CLOCK_BOOTTIME)
    record.id = cgroup.id
    record.hierarchy = cgroup.hierarchy
    record.path_bytes = UInt16(cgroup.path.count)
    encoder.append(record, tail: cgroup.path)
  }

  /// By its parent, which the walk has come by before.
  private mutating func tellInside(_ cgroup: CgroupWalk.Found) {
    var record = nst_cgroup_in()
    record.hdr.time_ns = Self.now(CLOCK_BOOTTIME)
    record.id = cgroup.id
    record.parent_id = cgroup.parentID
    record.hierarchy = cgroup.hierarchy
    record.name_bytes = UInt16(cgroup.name.count)
    encoder.append(record, tail: Array(cgroup.name))
  }

  /// So many directories are opened between two looks at the ring: about a millisecond.
  private static let cgroupsAtOnce = 64

  /// Reads what happened during the walk before the walk is declared complete: whoever has exited
  /// meanwhile then ends by its exit, and not for being missing in the snapshot.
  private mutating func settle(
    _ tasks: UInt64, _ bytesLeft: Int, into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus {
    if bytesLeft > 0, readRing(into: &batch) == .records {
      phase = .settling(tasks: tasks, bytesLeft: bytesLeft - batch.count)
      return .records
    }
    // What was lost during the walk may be missing in it: it is complete only without.
    if lossIsNew && walks < Self.walksMax { return try crossGap(0, into: &batch) }
    walks = 0
    encoder.removeAll()
    var record = nst_snapshot()
    record.hdr.time_ns = Self.now(CLOCK_BOOTTIME)
    record.tasks = tasks
    watch.walkEnds(at: record.hdr.time_ns)
    encoder.append(record, kind: NST_KIND_SNAPSHOT_END)
    phase = .live
    return give(&batch)
  }

  /// Without the ATTACH records between them.
  private static func taskCount(of batch: borrowing RecordBatch) -> UInt64 {
    var count: UInt64 = 0
    batch.withBytes { bytes in
      var offset = 0
      while offset < bytes.byteCount {
        let header = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: nst_header.self)
        offset += Int(header.size)
        if header.kind == NST_KIND_TASK.rawValue { count += 1 }
      }
    }
    return count
  }
}

// MARK: - Verification

extension KernelSource {
  /// Begins a walk beside the stream, for `Verification`; nothing of it is handed out by
  /// `next(into:)`. False: the stream is in a walk of its own, and there is nothing to verify yet.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  public mutating func beginVerification() throws(SystemError) -> Bool {
    guard case .live = phase else { return false }
    try openWalk(reports: false)
    return true
  }

  /// The next part of that walk.
  /// - Returns: `.idle` at its end; nil: records were lost, and the stream walks itself.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  public mutating func verify(
    into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus? {
    guard case .live = phase else { return nil }
    try readWalk(into: &batch)
    return batch.isEmpty ? .idle : .records
  }

  /// Has the stream walk over all tasks again, as after a loss.
  public mutating func rebuild() {
    guard case .live = phase else { return }
    phase = .gap(bytesLeft: ringBytes)
  }
}

// MARK: - Host and clock

extension KernelSource {
  private mutating func hello() throws(SystemError) {
    let release = try Self.firstLine(of: "/proc/sys/kernel/osrelease")
    let hostname = nodename
    var host = nst_host()
    host.hdr.time_ns = Self.now(CLOCK_BOOTTIME)
    unsafe nst_probe_initial_set(probe.raw, &host.initial)
    host.boot_id = Self.bootID(from: try Self.firstLine(of: "/proc/sys/kernel/random/boot_id"))
    host.nsfs_dev = try Self.nsfsDevice()
    host.arch = Self.auditArch
    if hooks & UInt32(NST_HOOK_FREED) == 0, unsafe nst_can_ask(&host.initial) != 0 {
      hooks |= UInt32(NST_HOOK_NSFS)
    }
    hooks |= UInt32(NST_HOOK_CENSUS)
    host.hooks = hooks
    host.wire_major = UInt16(NST_WIRE_MAJOR)
    host.wire_minor = UInt16(NST_WIRE_MINOR)
    host.release_bytes = UInt16(release.count)
    host.hostname_bytes = UInt16(hostname.count)
    host.version_bytes = UInt16(version.utf8.count)
    encoder.append(host, tail: release + hostname + Array(version.utf8))
    appendClock()
    try beginWalk()
  }

  /// The host's own: /proc/sys/kernel/hostname has that of the UTS namespace that the tracer is in.
  private var nodename: [UInt8] {
    var name = [CChar](repeating: 0, count: Int(NST_NODENAME_BYTES))
    unsafe nst_probe_initial_nodename(probe.raw, &name)
    return name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  }

  private mutating func noticeClockStep() {
    if abs(Self.realtimeOffset() - realtimeOffsetNs) > Self.clockStepNs { appendClock() }
  }

  private mutating func appendClock() {
    realtimeOffsetNs = Self.realtimeOffset()
    var record = nst_clock()
    record.hdr.time_ns = Self.now(CLOCK_BOOTTIME)
    record.realtime_offset_ns = realtimeOffsetNs
    encoder.append(record)
  }

  private static func realtimeOffset() -> Int64 {
    // Boot time is read on both sides: a pause between two clock reads would look like a step.
    let before = now(CLOCK_BOOTTIME)
    let realtime = now(CLOCK_REALTIME)
    let after = now(CLOCK_BOOTTIME)
    return Int64(realtime) - Int64(before + (after - before) / 2)
  }

  static func now(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private static func nsfsDevice() throws(SystemError) -> UInt64 {
    var status = stat()
    guard unsafe stat("/proc/self/ns/mnt", &status) == 0 else {
      throw .last("look at /proc/self/ns/mnt")
    }
    return UInt64(status.st_dev)
  }

  private static func firstLine(of path: String) throws(SystemError) -> [UInt8] {
    let text = try FileDescriptor.reading(path).read(Int(NST_TEXT_BYTES))
    return Array(text.prefix { $0 != UInt8(ascii: "\n") })
  }

  /// The 16 bytes of a UUID in text; zeros when it is none.
  private static func bootID(from text: [UInt8]) -> nst_uuid {
    let digits = text.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    var id = nst_uuid()
    guard digits.count == 32 else { return id }
    unsafe withUnsafeMutableBytes(of: &id) { bytes in
      for index in 0..<16 {
        unsafe bytes[index] = UInt8(digits[2 * index] << 4 | digits[2 * index + 1])
      }
    }
    return id
  }

  private static var auditArch: UInt32 {
    #if arch(x86_64)
      0xc000_003e
    #elseif arch(arm64)
      0xc000_00b7
    #else
      0
    #endif
  }
}

extension KernelSource.Shortfall {
  fileprivate init?(_ status: nst_probe_status) {
    guard status.missing != 0 else { return nil }
    missing = Hook.all.filter { status.missing & $0.bit != 0 }
    let names = Hook.names(status.missing).joined(separator: ", ")
    hookError = SystemError("attach to \(names)", errno: status.hook_error)
    tracefsError =
      status.tracefs_error == 0
      ? nil : SystemError("mount tracefs on /sys/kernel/tracing", errno: status.tracefs_error)
  }
}

/// The owner of the C side.
@safe
struct Probe: ~Copyable {
  let raw: OpaquePointer
  deinit { unsafe nst_probe_close(raw) }
}
