// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Puts the stream together from the ring's records and from what user space adds: the host, the
/// clock, walks over cgroups and tasks, losses, answers and registrations.
///
/// The hooks are attached first, then the tasks are walked. What happens during the walk stands in
/// the ring, and comes between its parts or behind it. Each task's own times show which is newer.
///
/// It asks a port and nothing else, so that a test can play every order of events without a kernel.
struct StreamAssembler<Port: StreamPort & ~Copyable>: ~Copyable {
  enum Phase {
    case hello
    /// These registrations and sessions of earlier tracers have yet to be handed out.
    case keeping(ArraySlice<KeptRecord>)
    /// The stains have yet to be.
    case staining(ArraySlice<KeptStain>)
    /// In a walk over all tasks. The ring is read once after each part.
    case walking(tasks: UInt64, ringIsNext: Bool)
    /// The walk is over. At most this many bytes of the ring have yet to be read.
    case settling(tasks: UInt64, bytesLeft: Int)
    /// The first walk is over. The processes that are in those sessions have yet to be handed out.
    case entering(ArraySlice<nst_inside>, tasks: UInt64)
    case live
    /// Records were lost. At most this many bytes, which the ring held then, come first.
    case gap(bytesLeft: Int)
  }

  var port: Port
  var phase = Phase.hello
  /// The records that user space adds to the next batch.
  var encoder = RecordEncoder()
  var clock = ClockWatch()
  var losses = LossWatch()
  var shares = ShareWatch()
  var storage = StorageWatch()
  var audit: AuditWatch
  /// How many bytes of the last batch are the audit's: they do not count as read from the ring.
  var auditBytes = 0
  var hooks: HookCheck
  /// Walks since the last complete one.
  var walks = 0
  /// The walk for reports that wait for an explanation.
  var census = Census()
  var answers = NamespaceAnswers()
  var pending = PendingRecords()
  /// The registrations that a keeper has besides those of this stream.
  var kept = KeptWatch()
  /// The sessions of earlier tracers, until the first walk is complete.
  var keptSessions: [KeptSession] = []
  /// The number of the next granted registration; no number is given twice.
  var nextNumber: UInt32 = 1
  /// Whether the port can be asked now if namespaces still exist. Without the capability every answer
  /// would be that they do not.
  var canAsk = false
  /// Whether the port is asked if namespaces still exist; known once the stream has begun.
  var asksNsfs = false
  /// Whether the last read left the ring nearly empty, so that the reader may rest.
  var isCaughtUp = false
  /// When a reader without rests next does what it does at one: CLOCK_BOOTTIME, nanoseconds.
  var restDueNs: UInt64 = 0

  init(_ port: consuming Port) {
    hooks = HookCheck(at: port.now(.boot))
    audit = AuditWatch(at: port.now(.boot))
    self.port = port
  }

  /// How much is read from the ring, or from a walk, at a time: bytes.
  static var readBytes: Int { 1 << 20 }

  /// Whether the stream is in no walk of its own.
  var isLive: Bool {
    if case .live = phase { return true }
    return false
  }

  /// Whether a reader that is not caught up should do now what else it does at a rest: true once in
  /// 100 ms.
  mutating func isRestDue() -> Bool {
    let now = port.now(.boot)
    guard now >= restDueNs else { return false }
    restDueNs = now + 100_000_000
    return true
  }
}

extension StreamAssembler where Port: ~Copyable {
  /// Replaces `batch` by the next records, without waiting for any.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func next(into batch: inout RecordBatch) throws(SystemError) -> SourceStatus {
    encoder.removeAll()
    readAudit()
    if !pending.isEmpty { return nextPending(into: &batch) }
    switch phase {
    case .hello: try hello()
    case .keeping(let rest): try appendKept(rest)
    case .staining(let rest): try appendStains(rest)
    case .walking(let tasks, true):
      phase = .walking(tasks: tasks, ringIsNext: false)
      return readRing(into: &batch)
    case .walking(let tasks, false): return try walk(tasks, into: &batch)
    case .settling(let tasks, let bytesLeft): return try settle(tasks, bytesLeft, into: &batch)
    case .entering(let rest, let tasks): appendInside(rest, tasks)
    case .live: return try live(into: &batch)
    case .gap(let bytesLeft): return try crossGap(bytesLeft, into: &batch)
    }
    return give(&batch)
  }

  func give(_ batch: inout RecordBatch) -> SourceStatus {
    batch.removeAll()
    batch.append(encoder.bytes)
    return .records
  }

  mutating func readRing(into batch: inout RecordBatch) -> SourceStatus {
    if let step = clock.step(by: port) { encoder.append(step) }
    batch.removeAll()
    batch.append(encoder.bytes)
    port.takeRing(into: &batch, room: Self.readBytes)
    return batch.isEmpty ? .idle : .records
  }

  /// Reports what a process can cause on purpose, again and again.
  mutating func reportHostility() {
    shares.reportIfDue(by: &port, into: &encoder)
    storage.reportIfDue(by: &port, into: &encoder)
  }

  /// Whether a walk is due that mends that.
  private var isPacedWalkDue: Bool {
    let now = port.now(.boot)
    return shares.pace.isDue(at: now) || storage.pace.isDue(at: now)
  }

  private mutating func hello() throws(SystemError) {
    var host = try port.readHost()
    host.record.hdr.time_ns = port.now(.boot)
    canAsk = port.canAsk(host.record.initial)
    asksNsfs = host.record.hooks & UInt32(NST_HOOK_FREED) == 0 && canAsk
    if asksNsfs { host.record.hooks |= UInt32(NST_HOOK_NSFS) }
    host.record.hooks |= UInt32(NST_HOOK_CENSUS)
    if port.readsAudit { host.record.hooks |= UInt32(NST_HOOK_AUDIT) }
    host.record.wire_major = UInt16(NST_WIRE_MAJOR)
    host.record.wire_minor = UInt16(NST_WIRE_MINOR)
    host.record.release_bytes = UInt16(host.release.count)
    host.record.hostname_bytes = UInt16(host.hostname.count)
    host.record.version_bytes = UInt16(host.version.count)
    encoder.append(host.record, tail: host.release + host.hostname + host.version)
    encoder.append(clock.record(by: port))
    let registrations = try kept.news(from: &port).map { KeptRecord.registration($0) }
    let found = try port.readSessions()
    keptSessions = found.sessions
    let sessions = found.records.map { KeptRecord.session($0) }
    try appendKept((registrations + sessions)[...])
  }

  private mutating func live(
    into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus {
    for loss in hooks.lookIfDue(&port) { encoder.append(loss, at: port.now(.boot)) }
    reportHostility()
    try noticeKept()
    _ = readRing(into: &batch)
    let lossIsNew = losses.isNew(by: port)
    let mustWalk = lossIsNew || hooks.watch.isWalkDue || isPacedWalkDue
    // After skipped programs the ring need not be full, and what it holds may come behind.
    if mustWalk { phase = .gap(bytesLeft: lossIsNew ? port.ringBytes : 0) }
    isCaughtUp = batch.count < Self.readBytes / 2 && !mustWalk && pending.isEmpty
    let hasCensus = try continueCensus(behind: &batch)
    if !hasCensus && isCaughtUp && !answers.isEmpty { answers.take(into: &batch) }
    appendAudit(behind: &batch)
    return batch.isEmpty ? .idle : .records
  }
}
