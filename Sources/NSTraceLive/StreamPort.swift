// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// What a `StreamAssembler` needs of the kernel, of cgroupfs and of the clocks.
///
/// `KernelPort` is the real one. A port decides nothing: each call asks one thing, and what follows from
/// the answer is the assembler's, so that a test can script the answers.
protocol StreamPort: ~Copyable {
  /// Size of the ring: bytes.
  var ringBytes: Int { get }

  /// Appends whole records of the ring to `batch`, without waiting.
  /// - Parameter room: bytes, at most.
  mutating func takeRing(into batch: inout RecordBatch, room: Int)

  /// How many records of a kind found no room in the ring, since the port was opened.
  func lost(_ kind: UInt16) -> UInt64

  /// When the first record was lost since this was last asked: CLOCK_BOOTTIME, nanoseconds; 0: none was.
  mutating func takeLostSince() -> UInt64

  /// Begins a walk over all tasks; one that is under way ends.
  /// - Parameter reports: what the walk finds counts as reported: a hook that finds it again is silent.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  mutating func beginWalk(reports: Bool) throws(SystemError)

  /// Appends the next TASK and ATTACH records of the walk to `batch`; none at its end.
  /// - Parameter room: bytes, at most.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  mutating func takeWalk(into batch: inout RecordBatch, room: Int) throws(SystemError)

  /// Begins a walk over all cgroups; one that is under way ends.
  mutating func beginCgroups()

  /// Whether the walk over the cgroups goes on.
  var hasCgroups: Bool { get }

  /// The cgroups in the next `count` directories, each behind the one that it is in.
  mutating func takeCgroups(_ count: Int) -> [CgroupWalk.Found]

  /// What a clock shows: nanoseconds.
  func now(_ clock: StreamClock) -> UInt64

  /// What the kernel says of the attached programs; nil: it does not say.
  func readHooks() -> HookWatch.Reading?

  /// Whether `fallBack` may be called: fexit programs are used, and another tier was not asked for.
  var canFallBack: Bool { get }

  /// Replaces fexit programs by one at the return of every system call.
  /// - Throws: `SystemError` when it cannot be attached.
  mutating func fallBack() throws(SystemError)

  /// What the HOST record says of the machine.
  /// - Throws: `SystemError` when /proc does not say it.
  func readHost() throws(SystemError) -> HostReading

  /// Whether `ask` is answered.
  /// - Parameter initial: the host's own namespaces.
  func canAsk(_ initial: nst_set) -> Bool

  /// Whether a namespace that no task uses still exists.
  func ask(_ id: NamespaceID) -> nst_answer
}
