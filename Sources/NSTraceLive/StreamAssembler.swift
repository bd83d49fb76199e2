// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Puts the stream together: what the ring holds, and what user space adds, which is the host, the clock, walks
/// over cgroups and tasks, losses, answers and registrations.
///
/// Attached first, walked second: what happens while the snapshot is taken stands in the ring and
/// comes behind it, or between its parts. Each task's own times tell which is newer.
///
/// It asks a port and nothing else, so that every order of events can be played without a kernel.
struct StreamAssembler<Port: StreamPort & ~Copyable>: ~Copyable {
  enum Phase {
    case hello
    /// In a walk over all tasks; after each part of it the ring is read once.
    case walking(tasks: UInt64, ringIsNext: Bool)
    /// The walk is over; the ring holds no more than this of what happened meanwhile.
    case settling(tasks: UInt64, bytesLeft: Int)
    case live
    /// Something was lost; what stood in the ring then, at most this much, comes first.
    case gap(bytesLeft: Int)
  }

  var port: Port
  var phase = Phase.hello
  /// What user space adds to the next batch.
  var encoder = RecordEncoder()
  var clock = ClockWatch()
  var losses = LossWatch()
  var hooks: HookCheck
  /// Walks since the last one that was complete.
  var walks = 0
  /// A walk for the reports that wait for an explanation.
  var census = Census()
  var answers = NamespaceAnswers()
  var pending = PendingRecords()
  /// The number of the next registration that is granted; none is given twice.
  var nextNumber: UInt32 = 1
  /// Whether the port is asked what has become of namespaces; known once the stream has begun.
  var asksNsfs = false
  /// Whether the ring was nearly empty when it was last read, so that a rest costs nothing.
  var isCaughtUp = false

  init(_ port: consuming Port) {
    hooks = HookCheck(at: port.now(.boot))
    self.port = port
  }

  /// How much is moved out of the ring, or taken of a walk, at a time: bytes.
  static var readBytes: Int { 1 << 20 }

  /// Whether the stream goes on without a walk of its own.
  var isLive: Bool {
    if case .live = phase { return true }
    return false
  }
}

extension StreamAssembler where Port: ~Copyable {
  /// Replaces `batch` by the next records, without waiting for any.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  mutating func next(into batch: inout RecordBatch) throws(SystemError) -> SourceStatus {
    encoder.removeAll()
    if !pending.isEmpty { return nextPending(into: &batch) }
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

  private mutating func hello() throws(SystemError) {
    var host = try port.readHost()
    host.record.hdr.time_ns = port.now(.boot)
    asksNsfs = host.record.hooks & UInt32(NST_HOOK_FREED) == 0 && port.canAsk(host.record.initial)
    if asksNsfs { host.record.hooks |= UInt32(NST_HOOK_NSFS) }
    host.record.hooks |= UInt32(NST_HOOK_CENSUS)
    host.record.wire_major = UInt16(NST_WIRE_MAJOR)
    host.record.wire_minor = UInt16(NST_WIRE_MINOR)
    host.record.release_bytes = UInt16(host.release.count)
    host.record.hostname_bytes = UInt16(host.hostname.count)
    host.record.version_bytes = UInt16(host.version.count)
    encoder.append(host.record, tail: host.release + host.hostname + host.version)
    encoder.append(clock.record(by: port))
    try beginWalk()
  }

  private mutating func live(
    into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus {
    for loss in hooks.lookIfDue(&port) { encoder.append(loss, at: port.now(.boot)) }
    let status = readRing(into: &batch)
    let lossIsNew = losses.isNew(by: port)
    let mustWalk = lossIsNew || hooks.watch.isWalkDue
    // Where programs were skipped the ring need not be full: what is in it may come behind.
    if mustWalk { phase = .gap(bytesLeft: lossIsNew ? port.ringBytes : 0) }
    isCaughtUp = batch.count < Self.readBytes / 2 && !mustWalk
    if try continueCensus(behind: &batch) { return .records }
    guard isCaughtUp, !answers.isEmpty else { return status }
    answers.take(into: &batch)
    return .records
  }
}
