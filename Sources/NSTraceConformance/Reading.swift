// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// The clauses read naively: derives what is to be printed from raw records, with dictionaries and
/// a count for each task. It shares no code with the tracker, which it is there to judge.
struct Reading {
  struct Task {
    var id: nst_task_id
    /// The namespaces by slot; nil: not known.
    var place: [Instance]?
    /// The slots whose namespaces the task, or its parent before its birth, entered by setns.
    var entered: Set<NamespaceSlot> = []
    /// The walk that last reported the namespaces; nil: a record of the task's own has since.
    var seen: Int?
    /// The time of the record that gave the namespaces.
    var toldNs: UInt64
    /// Whether the namespaces before `toldNs` were others.
    var hasMoved = false
    var snapshot: Int
    /// The number that the kernel side carries for the task.
    var number: UInt32 = 0
    var list = ContainerList()
    /// Whether the list is the parent's.
    var isHeir = false
    /// T4: the session of a task that is inside a container from outside, or whose ancestor came in.
    var stay: Stay?
    /// The process that made the task by fork; 0: not known.
    var forker: UInt32 = 0
    /// The slots by which it is inside.
    var inside: Set<NamespaceSlot> = []
    /// The confinement; nil: no record gives it.
    var stance: Stance?
    /// The cgroups; nil: only the task's number is known.
    var home: CgroupHome?
    /// The parent, and whether the process may ask for registrations, as of its last report.
    var origin: UInt32 = 0
    var isCapable = false

    /// Whether it is another thread than its process's leader. No kernel gives a larger tgid.
    var isThread: Bool { id.tid != id.tgid && id.tgid < 1 << 22 }

    /// The namespaces at a time; nil: not known, because the task has moved since.
    func place(at time: UInt64) -> [Instance]? { time < toldNs && hasMoved ? nil : place }
  }

  /// 64 of an ID's 128 bits.
  enum Half: Hashable {
    case high(UInt64)
    case low(UInt64)
  }

  let position: Position
  var tasks: [UInt32: Task] = [:]
  /// How many slots of tasks hold each namespace.
  var holders: [Instance: Int] = [:]
  /// How many namespaces had an identity before the present one.
  var generations: [NamespaceID: Int] = [:]
  /// Namespaces whose numbers are free, and whose last users have not reported that they left, in
  /// the order in which that was learned.
  var untold: [NamespaceID: [Instance]] = [:]
  /// Namespaces that a task has made, not those that a task was found in or entered.
  var made: Set<Instance> = []
  var ended: Set<Instance> = []
  /// R8: how many tasks of each container use each namespace.
  var shares: [Instance: Arrivals<ContainerID>] = [:]
  /// T2: the IDs that have ever come to each namespace that may still live.
  var stains: [NamespaceID: Stain] = [:]
  /// The stained namespaces that are not known to be freed, by number.
  var stainedNumbers: [UInt32: Set<NamespaceID>] = [:]
  /// How many namespaces each ID stains.
  var stainCounts: [ContainerID: Int] = [:]
  /// The stained namespaces that the kernel has freed, and whose last user has not reported yet.
  var freedStains: Set<NamespaceID> = []
  /// Whether the stream says when a number is free.
  var tellsFreed = false
  /// T10: the IDs that are taken on entry, and the numbers of their registrations.
  var entryTags: Set<ContainerID> = []
  var entryNumbers: [UInt32: ContainerID] = [:]
  /// The threads of each process without its leader, by tgid.
  var threads: [UInt32: Set<UInt32>] = [:]
  /// T5: how many tasks are in each set.
  var crowds: [[Instance]: Int] = [:]
  /// The IDs that the event has brought to a namespace's list, or taken from it, on balance.
  var joined: [Instance: Set<ContainerID>] = [:]
  var left: [Instance: Set<ContainerID>] = [:]
  /// How many tasks carry each ID.
  var population: [ContainerID: Int] = [:]
  /// How many of these IDs have each half.
  var halves: [Half: Int] = [:]
  var names: [ContainerID: [UInt8]] = [:]
  /// The process that first asked for the ID, then its capable ancestors.
  var owners: [ContainerID: [nst_task_id]] = [:]
  /// What the tasks that carry a registration's number carry.
  var lists: [UInt32: ContainerList] = [:]
  /// The tasks that came with a registration's number before its record, by number.
  var early: [UInt32: Set<UInt32>] = [:]
  var members: [nst_member] = []
  /// The containers of registrations before the stream's beginning, with the task that was
  /// registered last.
  var kept: [ContainerID: UInt32] = [:]
  /// T4: how many sessions have begun.
  var stays = 0
  /// The sessions that began before the stream did, by number, and what processes were inside.
  var keptStays: [UInt32: KeptStay] = [:]
  var keptInside: [UInt32: (session: UInt32, slots: Set<NamespaceSlot>)] = [:]
  var keptReadNs: UInt64 = 0
  /// The highest number of any of them.
  var lastKept: UInt32 = 0
  /// How many tasks each session has.
  var crews: [Int: Int] = [:]
  /// How many slots of tasks are inside each container by a namespace.
  var insiders: [Instance: [ContainerID: Int]] = [:]
  /// How many tasks of each container are in a namespace only as visitors.
  var guests: [Instance: [ContainerID: Int]] = [:]
  var stances = StanceCounts<ContainerID>()
  var cgroupStances = StanceCounts<CgroupID>()
  private var cgroups = CgroupNames()
  var entrances = CgroupEntrances()
  var initial: [NamespaceID] = []
  private var hostSet: [NamespaceID] = []
  var isFollowing = false
  var isWalking = false
  var snapshots = 0
  private var nsfsDev: UInt64 = 0
  var account = Account()
  /// The index of the present event's first record in the account.
  var start = 0

  init(_ position: Position) { self.position = position }

  mutating func read(_ raw: RawRecord) -> Account {
    account = Account()
    start = 0
    (joined, left) = ([:], [:])
    account.nsfsDev = nsfsDev
    account.hostSet = hostSet
    account.lastKept = lastKept
    account.isFollowing = isFollowing
    switch raw {
    case .fork(let event): fork(event)
    case .confined(let event): tell(event.task, Stance(event))
    case .exit(let event, _): exit(event)
    case .task(let event, _): if !event.isOfCensus { task(event) }
    case .clone(let event, _): clone(event)
    case .switchNamespaces(let event, _): change(event)
    case .exec(let event, _, _): exec(event)
    case .host(let event, _, _, _):
      initial = NamespaceSlot.allCases.map { event.initial[$0] }
      hostSet = NamespaceSlot.memberships.map { event.initial[$0] }
      nsfsDev = event.nsfs_dev
      tellsFreed = event.hooks & UInt32(NST_HOOK_FREED) != 0
    case .snapshotBegin:
      snapshots += 1
      isWalking = true
    case .snapshotEnd: endSnapshot()
    case .member(let event): members.append(event)
    case .register(let event, let name): register(event, name)
    case .kept(let event, let name): keep(event, name)
    case .keptSession(let event, _): keep(event)
    case .inside(let event): note(event)
    case .stain(let event): keep(event)
    case .freed(let event):
      free(event.inum, at: event.hdr.time_ns)
      freeStains(event.inum)
    case .pinned(let event): answer(event)
    case .cgroup(let event, let path): cgroups.read(event, path)
    case .cgroupIn(let event, let name): cgroups.read(event, name)
    case .attach(let event): attach(event)
    // No evidence: the clock, a namespace's users, the kernel's audit, and unknown kinds.
    case .lost, .suppressed, .users, .clock, .audit, .auditLost, .unknown: break
    }
    noteStances()
    if position == .cgroups { noteHomes(after: raw) }
    return account
  }

  /// Notes where the tasks are that the record is about.
  private mutating func noteHomes(after raw: RawRecord) {
    for tid in concerned(by: raw) { account.cgroupHomes[tid] = tasks[tid]?.home }
  }

  private func concerned(by raw: RawRecord) -> [UInt32] {
    switch raw {
    case .fork(let event): [event.parent_tid, event.child.tid]
    case .clone(let event, _): [event.subject.task.tid, event.child.tid]
    case .attach(let event):
      [event.task.tid] + (event.isOfProcess ? Array(threads[event.task.tgid] ?? []) : [])
    case .task, .switchNamespaces, .exec: raw.subject.map { [$0.task.tid] } ?? []
    case .exit, .cgroup, .cgroupIn, .freed, .pinned, .users, .confined, .host, .clock,
      .snapshotBegin, .snapshotEnd, .lost, .suppressed, .member, .register, .kept,
      .keptSession, .inside, .stain, .audit, .auditLost, .unknown:
      []
    }
  }

  /// Notes what is true now, before another event of the same record.
  mutating func noteStances() {
    account.stances += stances.takeChanges()
    account.cgroups += cgroupStances.takeChanges().map { (cgroups.printed($0.id), $0) }
  }
}
