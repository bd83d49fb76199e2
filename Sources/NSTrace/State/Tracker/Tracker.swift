// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Turns the records of a stream into audit events about namespaces and containers.
///
/// The tracker is total: a record about an unknown task adds that task ("seen late"), and no
/// sequence of records stops it. It writes nothing before the first snapshot is complete.
///
///     var tracker = Tracker(sink: myFormat)
///     try decoder.decode(batch, into: &tracker)
package struct Tracker<Sink: TrackerSink & ~Copyable>: EventHandler, ~Copyable {
  /// Where the events go.
  package var sink: Sink
  package internal(set) var state = NamespaceState()
  /// The facts of the HOST record; nil before it.
  package internal(set) var host: HostFacts?
  package internal(set) var phase = Phase.waiting
  package internal(set) var counters = TrackerCounters()
  /// What is known of the kernel's audit events.
  package internal(set) var auditCounters = AuditCounters()
  /// The kernel's audit events whose end has not come.
  var openAudit = OpenKernelEvents()

  /// The last event's draft, whose memory the next event takes.
  var spare: EventDraft? = EventDraft()
  /// The MEMBER records of the REGISTER record that follows: no more than there can be tasks.
  var members: [nst_member] = []
  var memberLimit = Int(TaskNumber.limit)
  /// ATTACH records of tasks that are not born yet, by tid: `unbornLimit` at most.
  var unborn: [UInt32: nst_attach] = [:]
  /// The tasks that carry a registration's number whose record has not come yet.
  var early = EarlyTasks()
  /// The numbers of KEPT records that say nothing under this policy: `registrationLimit` at most, which
  /// no keeper exceeds.
  var passedOver: Set<UInt32> = []
  /// The sessions that began before the stream did, until the first snapshot is complete.
  var keptSessions = KeptSessions()
  let policy: any ContainerPolicy
  var options: TrackerOptions
  /// CLOCK_REALTIME minus CLOCK_BOOTTIME, nanoseconds.
  var realtimeOffsetNs: Int64 = 0
  var epoch: UInt32 = 0
  /// Whether the tracker may decline a report that names an unexplained namespace.
  package var declines = false
  /// The unexplained namespaces of the declined report.
  var declined: [NamespaceID] = []
  package internal(set) var hasDeclined = false
  /// Whether walks in the stream find the users of a namespace (USERS records).
  var hasCensus = false
  /// Whether the stream has FREED records.
  var tellsFreed = false
  /// The latest time of a record that states a task's namespaces: CLOCK_BOOTTIME, nanoseconds. A
  /// record that explains another one comes before older records, and so does a walk's.
  var lastToldNs: UInt64 = 0
  /// Records lost since the state was last known to be complete.
  var lostCount: UInt64 = 0
  var lostSinceNs: UInt64 = 0
  var snapshotBeganNs: UInt64 = 0

  // As in NamespaceState.
  deinit {}

  /// Whether no snapshot is complete: none yet, or none since records were lost.
  package var isUnsure: Bool { phase != .following || lostCount > 0 }

  package enum Phase: Sendable {
    /// No snapshot has begun.
    case waiting
    /// The first snapshot is under way.
    case starting
    case following
    /// A later snapshot, after a loss, is under way.
    case resyncing
  }

  /// - Parameters:
  ///   - sink: where the events go.
  ///   - policy: judges registrations.
  ///   - options: which records are made.
  package init(
    sink: consuming Sink, policy: any ContainerPolicy = RFCPolicy(),
    options: TrackerOptions = TrackerOptions()
  ) {
    self.sink = sink
    self.policy = policy
    self.options = options
    // T5: only the set of namespaces decides the ID.
    if policy.labelsSets { self.options.containers = .registered }
    state.keepsStains = policy.stainsNamespaces
    if options.joinsAudit { state.stays.begin(limit: options.rememberedEnds) }
    state.cgroups = CgroupTable(
      spellings: self.options.containers == .cgroup
        ? CgroupSpelling.all(options.cgroupPatterns) : [])
  }
}

/// How many events a tracker has written, and how many records are missing.
public struct TrackerCounters: Equatable, Sendable {
  /// Audit events written.
  public var events: UInt64 = 0
  /// Wire records that are missing: the ring was full, or a share used up.
  public var lost: UInt64 = 0
  /// Records of kinds that this version does not know.
  public var unknown: UInt64 = 0
}
