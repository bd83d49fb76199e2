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
  ///   - version: of nstrace, for the stream's first record.
  ///   - verbose: libbpf says on standard error what it does.
  /// - Throws: `ProbeError`.
  public init(
    ringBytes: Int, hooks tier: HookTier = .auto, version: String, verbose: Bool = false
  ) throws(ProbeError) {
    assembler = StreamAssembler(
      try KernelPort(ringBytes: ringBytes, hooks: tier, version: version, verbose: verbose))
  }

  /// The next records, without waiting for any.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  public mutating func next(into batch: inout RecordBatch) throws(SystemError) -> SourceStatus {
    try assembler.next(into: &batch)
  }

  /// At the end: what was lost and not told yet, for no snapshot follows any more.
  package mutating func tellLosses(into batch: inout RecordBatch) -> SourceStatus {
    assembler.tellLosses(into: &batch)
  }

  /// Whether the ring was nearly empty when it was last read, so that a rest costs nothing.
  public var isCaughtUp: Bool { assembler.isCaughtUp }
}

// MARK: - The kernel side

extension KernelSource {
  /// The ring's size: bytes.
  public var ringBytes: Int { assembler.port.ringBytes }

  /// Becomes readable, for poll(2), when the source is no longer idle.
  public var descriptor: Int32 { assembler.port.descriptor }

  /// Lets records gather: sleeps for `milliseconds`, or until the ring is half full.
  package func nap(milliseconds: Int32) { assembler.port.nap(milliseconds: milliseconds) }

  /// What the kernel side has counted since it was attached, by kind (`enum nst_kind`).
  public func counts(ofKind kind: UInt16) -> (submitted: UInt64, lost: UInt64) {
    (assembler.port.submitted(kind), assembler.port.lost(kind))
  }

  /// What is not seen here; nil: nothing.
  public var shortfall: Shortfall? { assembler.port.shortfall }

  /// By what system calls are seen, and why.
  public var tierReason: HookTierReason { assembler.port.tierReason }

  /// How soon `next(into:)` has to be called though the descriptor is not readable: fexit programs may have
  /// stopped. nil: not before it is.
  package var patienceMilliseconds: Int32? {
    assembler.hooks.patienceMilliseconds(byFexit: tierReason == .fexit)
  }

  /// What was noticed since the last call, for a person to read.
  public mutating func takeNotices() -> [HookNotice] { assembler.hooks.takeNotices() }
}

// MARK: - What a tracker asks for

extension KernelSource {
  /// Whether a walk may begin now.
  /// - Parameter isUrgent: somebody waits for what it explains; the rest after the last one is left out.
  package func isCensusDue(isUrgent: Bool = false) -> Bool {
    assembler.isCensusDue(isUrgent: isUrgent)
  }

  /// Begins to look for the tasks that use these namespaces; what is found comes with the records that
  /// `next(into:)` hands out from now on.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  package mutating func beginCensus(of ids: [NamespaceID]) throws(SystemError) {
    try assembler.beginCensus(of: ids)
  }

  /// Whether it asks by handles of nsfs, known once the stream has begun. That takes CAP_SYS_ADMIN.
  package var asksNsfs: Bool { assembler.asksNsfs }

  /// Finds out what has become of these namespaces; what is known then comes with the next records.
  /// For a few of them it asks the kernel, at most `NamespaceAnswers.questionsAtOnce`.
  package mutating func answer(_ waiting: [WaitingNamespace]) { assembler.answer(waiting) }

  /// Begins a walk beside the stream, for `Verification`; nothing of it is handed out by
  /// `next(into:)`. False: the stream is in a walk of its own, and there is nothing to verify yet.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  package mutating func beginVerification() throws(SystemError) -> Bool {
    try assembler.beginVerification()
  }

  /// The next part of that walk.
  /// - Returns: `.idle` at its end; nil: records were lost, and the stream walks itself.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  package mutating func verify(
    into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus? {
    try assembler.verify(into: &batch)
  }

  /// Has the stream walk over all tasks again, as after a loss.
  package mutating func rebuild() { assembler.rebuild() }
}
