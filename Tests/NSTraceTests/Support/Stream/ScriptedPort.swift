// SPDX-License-Identifier: Apache-2.0

import CBPF
import CNSWire
import Glibc
import NSTrace
import Testing

@testable import NSTraceLive

/// A kernel side in memory, scripted by a test.
///
/// The ring has a size, and records that do not fit are counted as lost. An incident is what
/// happens *while* the assembler is in a call: it comes with the next call of that name.
final class ScriptedPort: StreamPort {
  enum Call: Hashable {
    case takeRing, takeLostSince, beginWalk, takeWalk, beginCgroups, takeCgroups, readHooks
    case ask, readReal, readKept, readInside, takeAudit
    case pass(UInt32)
  }

  /// CLOCK_BOOTTIME: nanoseconds.
  var bootNs: UInt64 = 0
  /// CLOCK_REALTIME minus CLOCK_BOOTTIME: nanoseconds.
  var realOffsetNs: UInt64 = 0
  /// CLOCK_THREAD_CPUTIME_ID: nanoseconds.
  var processorNs: UInt64 = 0

  /// Size of the ring: bytes.
  let ringBytes: Int
  /// The records in the ring, the oldest first.
  private var ring: [[UInt8]] = []
  /// The bytes in the ring.
  private var used = 0
  /// How far the ring was written, and read: bytes.
  private(set) var ringWritten: UInt64 = 0
  private(set) var ringTaken: UInt64 = 0
  /// The next record is still being written, and nothing is read from there on.
  var isRingBusy = false
  private var lost = [UInt64](repeating: 0, count: Int(NST_KIND_HOST.rawValue))
  private var lostSinceNs: UInt64 = 0

  /// How many records of all shares were held back.
  private(set) var held: UInt64 = 0
  private var heldUntold: [nst_held] = []

  /// How often a reported set could not be kept.
  private(set) var unkept: UInt64 = 0
  private var unkeptSinceNs: UInt64 = 0

  /// The remaining parts of the walk under way.
  var parts: [[UInt8]] = []
  /// For each walk that was begun, whether its tasks count as reported.
  private(set) var walks: [Bool] = []
  /// The error that walks throw from now on.
  var walkError: SystemError?
  /// All cgroups; the walk under way gives the remaining ones.
  var cgroups: [CgroupWalk.Found] = []
  private var cgroupsLeft: [CgroupWalk.Found] = []

  /// Whether the stream has the audit's records.
  var readsAudit = false
  var auditSlackNs: UInt32 = 5_000_000
  /// The messages in the audit's socket, the oldest first.
  private var auditMessages: [(type: UInt32, text: [UInt8])] = []
  private var isAuditOverrun = false
  /// How many messages found no room there; nil: that cannot be read.
  var auditDropped: UInt32? = 0

  var host = HostReading()
  var answersNsfs = false
  /// Namespaces that still exist though no task uses them.
  var kept: Set<NamespaceID> = []
  /// The namespaces that were asked about.
  private(set) var asked: [NamespaceID] = []

  var hooks = HookWatch.Reading(
    skipped: [UInt64](repeating: 0, count: Int(NST_KIND_HOST.rawValue)))
  /// Whether the hooks' state can be read.
  var canReadHooks = true
  var canFallBack = false
  var fallBackError: SystemError?

  /// The family of a registration's target, with what its tasks carry.
  var family: [nst_member] = []
  var births: UInt32 = 0
  var isWatched = false
  /// The effective user of all processes.
  var effectiveUser: UInt32 = 0
  /// The passes so far, `enum nst_family_action`.
  var passes: [UInt32] = []

  /// The keeper's registrations, and whether they are this stream's own.
  var keptRegistrations: [KeptRegistration] = []
  var keptUnderWay: UInt32?
  var keptStains: [KeptStain] = []
  var keptChanges: UInt64 = 0
  var registers = true
  var isLocked = false
  /// The keeper's sessions, and who is inside.
  var keptSessions = SessionsFound()
  var inside: [nst_inside] = []
  /// The most registrations that are kept.
  var keepLimit = Int.max
  /// The error that keeping one throws from now on.
  var keepError: SystemError?

  private var incidents: [Call: [(ScriptedPort) -> Void]] = [:]

  init(ringBytes: Int) { self.ringBytes = ringBytes }

  /// Adds an incident for the next such call that has none.
  func during(_ call: Call, _ body: @escaping (ScriptedPort) -> Void) {
    incidents[call, default: []].append(body)
  }

  /// How many of these calls have an incident.
  func scripted(_ call: Call) -> Int { incidents[call]?.count ?? 0 }

  func come(to call: Call) {
    guard var bodies = incidents[call], !bodies.isEmpty else { return }
    let body = bodies.removeFirst()
    incidents[call] = bodies
    body(self)
  }

  /// Puts a record of the kernel side into the ring or, if it does not fit, counts it as lost.
  func report(_ record: [UInt8]) {
    let header = record.withUnsafeBytes { $0.loadUnaligned(as: nst_header.self) }
    guard used + record.count <= ringBytes else { return lose(nst_kind(rawValue: header.kind)) }
    ring.append(record)
    used += record.count
    ringWritten += UInt64(record.count)
  }

  /// Reports forks of task 1, all at once.
  func reportForks(_ children: Range<UInt32>) {
    for child in children {
      var encoder = RecordEncoder()
      var record = nst_fork()
      record.hdr.time_ns = bootNs
      record.child = nst_task_id(start_ns: bootNs, tid: child, tgid: child)
      record.parent_tid = 1
      encoder.append(record)
      report(encoder.bytes)
    }
  }

  /// Puts a message into the audit's socket.
  func audits(_ type: UInt32, _ text: String) { audits(type, Array(text.utf8)) }

  func audits(_ type: UInt32, _ text: [UInt8]) { auditMessages.append((type, text)) }

  /// Audit messages find no room in the socket.
  func dropAudit(_ count: UInt32) {
    isAuditOverrun = true
    auditDropped = auditDropped.map { $0 + count }
  }

  /// Counts records as lost.
  func lose(_ kind: nst_kind, _ count: UInt64 = 1) {
    lost[Int(kind.rawValue)] += count
    if lostSinceNs == 0 { lostSinceNs = bootNs }
  }

  /// Counts records of user 1000 in cgroup 7 as held back.
  func holdBack(_ kind: nst_kind, _ count: UInt64 = 1) {
    held += count
    heldUntold.append(
      nst_held(
        count: count, since_ns: bootNs, cgroup_id: 7, uid: 1000, kind: kind.rawValue, pad: 0))
  }

  /// Counts reported sets that could not be kept.
  func forget(_ count: UInt64 = 1) {
    unkept += count
    if unkeptSinceNs == 0 { unkeptSinceNs = bootNs }
  }

  func skip(_ kind: nst_kind, _ count: UInt64 = 1) {
    hooks.skipped[Int(kind.rawValue)] += count
  }
}

// MARK: - StreamPort

extension ScriptedPort {
  func takeRing(into batch: inout RecordBatch, room: Int) {
    come(to: .takeRing)
    if isRingBusy { return }
    var left = room
    let fitting = ring.prefix { record in
      left -= record.count
      return left >= 0
    }
    for record in fitting { batch.append(record) }
    let taken = fitting.reduce(0) { $0 + $1.count }
    used -= taken
    ringTaken += UInt64(taken)
    ring.removeFirst(fitting.count)
  }

  func takeAudit(into messages: inout AuditMessages, room: Int) -> AuditReading {
    defer { come(to: .takeAudit) }
    var left = room
    while let (type, text) = auditMessages.first {
      left -= text.count + 24
      if left < 0 { break }
      messages.append(type: type, text)
      auditMessages.removeFirst()
    }
    defer { isAuditOverrun = false }
    return AuditReading(isEmptied: auditMessages.isEmpty, isOverrun: isAuditOverrun)
  }

  func lost(_ kind: UInt16) -> UInt64 { lost[Int(kind)] }

  func takeLostSince() -> UInt64 {
    defer { come(to: .takeLostSince) }
    defer { lostSinceNs = 0 }
    return lostSinceNs
  }

  func takeUnkeptSince() -> UInt64 {
    defer { unkeptSinceNs = 0 }
    return unkeptSinceNs
  }

  func takeHeld() -> [nst_held] {
    defer { heldUntold = [] }
    return heldUntold
  }

  func beginWalk(reports: Bool) throws(SystemError) {
    come(to: .beginWalk)
    if let walkError { throw walkError }
    walks.append(reports)
    parts = []
  }

  func takeWalk(into batch: inout RecordBatch, room: Int) throws(SystemError) {
    come(to: .takeWalk)
    if let walkError { throw walkError }
    if !parts.isEmpty { batch.append(parts.removeFirst()) }
  }

  func beginCgroups() {
    come(to: .beginCgroups)
    cgroupsLeft = cgroups
  }

  var hasCgroups: Bool { !cgroupsLeft.isEmpty }

  func takeCgroups(_ count: Int) -> [CgroupWalk.Found] {
    come(to: .takeCgroups)
    defer { cgroupsLeft.removeFirst(min(count, cgroupsLeft.count)) }
    return Array(cgroupsLeft.prefix(count))
  }

  var lastKept: UInt32 { keptRegistrations.map(\.number).max() ?? 0 }

  func readKept() throws(SystemError) -> [KeptRegistration] {
    come(to: .readKept)
    return keptRegistrations.sorted { $0.number < $1.number }
  }

  func readSessions() throws(SystemError) -> SessionsFound { keptSessions }

  func readInside(_ sessions: [KeptSession]) throws(SystemError) -> [nst_inside] {
    come(to: .readInside)
    return inside
  }

  func readStains() throws(SystemError) -> [KeptStain] {
    keptStains.sorted { $0.sinceNs < $1.sinceNs }
  }

  func keep(_ stain: KeptStain) throws(SystemError) {
    guard keptStains.count < keepLimit else {
      throw SystemError("keep a namespace's ID", errno: ENOSPC)
    }
    keptStains.append(stain)
  }

  func forget(_ stain: NamespaceStain) { keptStains.removeAll { $0.stain == stain } }

  func numbered() throws(SystemError) -> [nst_member] { family.filter { $0.container != 0 } }

  func now(_ clock: StreamClock) -> UInt64 {
    switch clock {
    case .boot: return bootNs
    case .real:
      come(to: .readReal)
      return bootNs + realOffsetNs
    case .processor: return processorNs
    }
  }

  func readHooks() -> HookWatch.Reading? {
    come(to: .readHooks)
    return canReadHooks ? hooks : nil
  }

  func fallBack() throws(SystemError) {
    if let fallBackError { throw fallBackError }
    canFallBack = false
    hooks.fexitRuns = true
  }

  func readHost() throws(SystemError) -> HostReading { host }

  func canAsk(_ initial: nst_set) -> Bool { answersNsfs }

  func ask(_ id: NamespaceID) -> nst_answer {
    come(to: .ask)
    asked.append(id)
    return kept.contains(id) ? NST_ANSWER_YES : NST_ANSWER_NO
  }
}
