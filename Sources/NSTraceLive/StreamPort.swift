// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import NSTrace

/// What a `StreamAssembler` needs of the kernel, of cgroupfs and of the clocks.
///
/// `KernelPort` is the port of the running kernel. A port decides nothing: each call asks one
/// thing, and the assembler draws the conclusion. A test can therefore script the answers.
protocol StreamPort: ~Copyable {
  /// Size of the ring: bytes.
  var ringBytes: Int { get }

  /// Appends whole records of the ring to `batch`, without waiting.
  /// - Parameter room: bytes, at most.
  mutating func takeRing(into batch: inout RecordBatch, room: Int)

  /// How far the ring has been written, and read. Both count from the same place, and a record that is
  /// still being written counts as written.
  var ringWritten: UInt64 { get }
  var ringTaken: UInt64 { get }

  /// Whether the stream has the kernel's audit records.
  var readsAudit: Bool { get }

  /// How much older than its event an audit stamp may be: nanoseconds.
  var auditSlackNs: UInt32 { get }

  /// Appends the audit messages that wait, without waiting.
  /// - Parameter room: bytes, at most.
  mutating func takeAudit(into messages: inout AuditMessages, room: Int) -> AuditReading

  /// How many audit messages have found no room in the socket since it was opened; nil: that cannot be
  /// read.
  var auditDropped: UInt32? { get }

  /// How many records of a kind found no room in the ring since the port was opened.
  func lost(_ kind: UInt16) -> UInt64

  /// The time of the first loss since the last call: CLOCK_BOOTTIME, nanoseconds; 0: there was
  /// none.
  mutating func takeLostSince() -> UInt64

  /// How many records of all shares were held back since the port was opened.
  var held: UInt64 { get }

  /// Takes what was held back since the last call, by share and kind.
  mutating func takeHeld() -> [nst_held]

  /// How often the set that a task was reported with could not be kept, for lack of memory, since the
  /// port was opened.
  var unkept: UInt64 { get }

  /// The first time since the last call: CLOCK_BOOTTIME, nanoseconds; 0: there was none.
  mutating func takeUnkeptSince() -> UInt64

  /// Begins a walk over all tasks, and ends one under way.
  /// - Parameter reports: what the walk finds counts as reported, and no hook reports it again.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func beginWalk(reports: Bool) throws(SystemError)

  /// Appends the next TASK and ATTACH records of the walk to `batch`; none at its end.
  /// - Parameter room: bytes, at most.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func takeWalk(into batch: inout RecordBatch, room: Int) throws(SystemError)

  /// Begins a walk over all cgroups, and ends one under way.
  mutating func beginCgroups()

  /// Whether cgroups of the walk are left.
  var hasCgroups: Bool { get }

  /// The cgroups in the next `count` directories, each behind its parent.
  mutating func takeCgroups(_ count: Int) -> [CgroupWalk.Found]

  /// Whether registrations are this stream's own. Else another tracer may add some to the keeper.
  var registers: Bool { get }

  /// Raised after each change of the keeper's registrations; 0: there is no keeper.
  var keptChanges: UInt64 { get }

  /// The highest number that the keeper's registrations have had. A registration that has a number says
  /// first that it is under way.
  var lastKept: UInt32 { get }

  /// The number of the registration of which not all tasks may have it yet; nil: there is none.
  var keptUnderWay: UInt32? { get }

  /// Whether no registration may be changed, replaced or taken back (T18).
  var isLocked: Bool { get }

  /// All registrations of the keeper, by number, also the one under way.
  /// - Throws: `SystemError` if they cannot be read.
  mutating func readKept() throws(SystemError) -> [KeptRegistration]

  /// The keeper's sessions, with the highest number that was given to one.
  /// - Throws: `SystemError` if they cannot be read.
  mutating func readSessions() throws(SystemError) -> SessionsFound

  /// The processes that are or were in these sessions, with the time before they were read. A process
  /// that has started since may have an earlier one's place.
  /// - Throws: `SystemError` if they cannot be read.
  mutating func readInside(_ sessions: [KeptSession]) throws(SystemError) -> [nst_inside]

  /// The keeper's stains, the oldest first.
  /// - Throws: `SystemError` if they cannot be read.
  mutating func readStains() throws(SystemError) -> [KeptStain]

  /// Keeps a stain, if registrations are this stream's own.
  /// - Throws: `SystemError` if there is no room.
  mutating func keep(_ stain: KeptStain) throws(SystemError)

  /// Removes a stain from what is kept, if registrations are this stream's own.
  mutating func forget(_ stain: NamespaceStain)

  /// All tasks that have a number, with it.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func numbered() throws(SystemError) -> [nst_member]

  /// The time by a clock: nanoseconds.
  func now(_ clock: StreamClock) -> UInt64

  /// The kernel's counters for the attached programs; nil: it gives none.
  func readHooks() -> HookWatch.Reading?

  /// Whether `fallBack` may be called: `auto` has chosen fexit programs, and `call_exit` can
  /// replace them.
  var canFallBack: Bool { get }

  /// Replaces the fexit programs by one program at the return of every system call.
  /// - Throws: `SystemError` if it cannot be attached.
  mutating func fallBack() throws(SystemError)

  /// The facts about the machine for the HOST record.
  /// - Throws: `SystemError` if /proc does not give them.
  func readHost() throws(SystemError) -> HostReading

  /// Whether `ask` gives answers.
  /// - Parameter initial: the host's own namespaces.
  func canAsk(_ initial: nst_set) -> Bool

  /// Whether a namespace that no task uses still exists.
  func ask(_ id: NamespaceID) -> nst_answer
}
