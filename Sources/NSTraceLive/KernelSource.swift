// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
public import NSTrace

/// The running kernel as a source of records: a `StreamAssembler` over a `KernelPort`.
public struct KernelSource: RecordSource, ~Copyable {
  var assembler: StreamAssembler<KernelPort>

  /// Loads the programs and attaches them.
  /// - Parameters:
  ///   - ringBytes: size of the ring, a power of two of at least a page.
  ///   - tier: what is to see system calls about namespaces.
  ///   - shareRate: records a second that a user may make in the long run in a cgroup that root has
  ///     given it; what is beyond is counted and not sent. 0: no limit. FORK, EXIT and EXEC records
  ///     have none, and neither have tasks with CAP_SYS_ADMIN in the host's user namespace.
  ///   - keeper: keeps container IDs when the source ends; nil: they end with it.
  ///   - version: of nstrace, for the stream's first record.
  ///   - verbose: libbpf says on standard error what it does.
  /// - Throws: `ProbeError`.
  public init(
    ringBytes: Int, hooks tier: HookTier = .auto, shareRate: UInt32 = KernelSource.shareRate,
    keeper: Keeper? = nil, version: String, verbose: Bool = false
  ) throws(ProbeError) {
    assembler = StreamAssembler(
      try KernelPort(
        ringBytes: ringBytes, hooks: tier, shareRate: shareRate, keeper: keeper, version: version,
        verbose: verbose))
    guard let keeper else { return }
    let last = keeper.lastNumber
    assembler.nextNumber = last < .max ? last + 1 : last
  }

  /// The keeper in use.
  package var keeper: Keeper? { assembler.port.keeper }

  /// The default rate of a share: records a second. A rootless container starts with some 30
  /// records, so this is 60 of them a second, and 240 at once.
  public static var shareRate: UInt32 { 2000 }

  /// Replaces `batch` by the next records, without waiting for any.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  public mutating func next(into batch: inout RecordBatch) throws(SystemError) -> SourceStatus {
    try assembler.next(into: &batch)
  }

  /// Reports, at the end, the losses that are not reported yet; no walk follows.
  package mutating func tellLosses(into batch: inout RecordBatch) -> SourceStatus {
    assembler.tellLosses(into: &batch)
  }

  /// Whether the ring was nearly empty when it was last read, so that a rest costs nothing.
  public var isCaughtUp: Bool { assembler.isCaughtUp }

  /// Whether a rest costs nothing: neither the ring nor the audit's socket has much to read.
  public var mayRest: Bool { assembler.mayRest }

  /// Whether a reader that is not caught up should do now what else it does at a rest: true once in
  /// 100 ms.
  mutating func isRestDue() -> Bool { assembler.isRestDue() }
}

// MARK: - The kernel side

extension KernelSource {
  /// The ring's size: bytes.
  public var ringBytes: Int { assembler.port.ringBytes }

  /// Readable, for poll(2), once the source has records.
  public var descriptor: Int32 { assembler.port.descriptor }

  /// Lets records gather: sleeps for `milliseconds`, or until the ring is half full.
  package func nap(milliseconds: Int32) { assembler.port.nap(milliseconds: milliseconds) }

  /// The kernel side's counters since it was attached, by kind (`enum nst_kind`).
  public func counts(ofKind kind: UInt16) -> (submitted: UInt64, lost: UInt64) {
    (assembler.port.submitted(kind), assembler.port.lost(kind))
  }

  /// What could not be attached; nil: all was.
  public var shortfall: Shortfall? { assembler.port.shortfall }

  /// The tier in use, and why.
  public var tierReason: HookTierReason { assembler.port.tierReason }

  /// How long `next(into:)` may be left uncalled while the descriptor is not readable:
  /// milliseconds. fexit programs may have stopped, or a used-up share or missing memory is not
  /// reported yet, or another tracer may register, or audit records wait. Nil: until the descriptor is
  /// readable.
  package var patienceMilliseconds: Int32? {
    let shares = assembler.shares.patienceMilliseconds(by: assembler.port)
    let paced = shares ?? assembler.storage.patienceMilliseconds(by: assembler.port)
    let hooks = assembler.hooks.patienceMilliseconds(byFexit: tierReason == .fexit)
    // Another tracer's registration makes no record.
    let kept = assembler.port.registers ? nil : KeptWatch.distanceMilliseconds
    return [hooks, paced, kept, auditPatienceMilliseconds].compactMap { $0 }.min()
  }

  /// Gives the notices since the last call, for a person to read.
  public mutating func takeNotices() -> [HookNotice] { assembler.hooks.takeNotices() }
}

// MARK: - What a tracker asks for

extension KernelSource {
  /// Whether a walk may begin now.
  /// - Parameter isUrgent: a client waits for the result, so the rest after the last walk is left
  ///   out.
  package func isCensusDue(isUrgent: Bool = false) -> Bool {
    assembler.isCensusDue(isUrgent: isUrgent)
  }

  /// Begins to look for the tasks that use these namespaces. The result comes with the records of
  /// later calls of `next(into:)`.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  package mutating func beginCensus(of ids: [NamespaceID]) throws(SystemError) {
    try assembler.beginCensus(of: ids)
  }

  /// The same for a registration that has waited since `timeNs`, or ends the wait of all held reports
  /// when that is too long ago. The record that ends it comes with the next batch.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  package mutating func beginCensus(
    of ids: [NamespaceID], waitingSince timeNs: UInt64
  ) throws(SystemError) {
    try assembler.beginCensus(of: ids, waitingSince: timeNs)
  }

  /// CLOCK_BOOTTIME, nanoseconds.
  package var bootNs: UInt64 { assembler.port.now(.boot) }

  /// Whether it asks nsfs by file handles, which takes CAP_SYS_ADMIN; known once the stream has
  /// begun.
  package var asksNsfs: Bool { assembler.asksNsfs }

  /// Notes that the tracer has given up the capabilities that it does not need to follow.
  package mutating func losePrivileges() { assembler.canAsk = assembler.asksNsfs }

  /// The root directories of the cgroup hierarchies: all that a walk opens lies beneath them.
  package var cgroupDirectories: [Int32] { assembler.port.cgroupDirectories }

  /// Finds out whether these namespaces still exist. The PINNED records come with the next batch.
  /// Each call asks the kernel about `NamespaceAnswers.questionsAtOnce` of them at most.
  package mutating func answer(_ waiting: [WaitingNamespace]) { assembler.answer(waiting) }

  /// Begins a walk beside the stream, for `Verification`. `next(into:)` hands out none of it.
  /// - Returns: false if the stream is in a walk of its own, and there is nothing to verify yet.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  package mutating func beginVerification() throws(SystemError) -> Bool {
    try assembler.beginVerification()
  }

  /// Gives the next part of that walk.
  /// - Returns: `.idle` at its end; nil if records were lost and the stream walks itself.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  package mutating func verify(
    into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus? {
    try assembler.verify(into: &batch)
  }

  /// Makes the stream walk over all tasks again, as after a loss.
  package mutating func rebuild() { assembler.rebuild() }
}
