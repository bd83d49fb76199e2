// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// What the reading derives from one raw record: the records to be printed, and the facts by which
/// the printed ones are judged.
struct Account {
  /// Whether the first snapshot is complete, from which on the tracker prints.
  var isFollowing = false
  /// The device of nsfs.
  var nsfsDev: UInt64 = 0
  /// The NS_CREATE, NS_CHANGE and NS_DESTROY records to be printed.
  var namespaces: [NamespaceRecord] = []
  /// The CONTAINER_OP records with op=drop to be printed.
  var ends: [ContainerRecord] = []
  /// The lists that the tasks concerned carried before, by tid; two if the tid has changed hands.
  var carried: [UInt32: [ContainerList]] = [:]
  /// Tids of the tasks among them that have inherited their list.
  var heirs: Set<UInt32> = []
  /// The list of the acting task.
  var actor: ContainerList?
  /// T4: the session of the acting task, which it may leave or have come into; 0: none. Nil: the record
  /// has no acting task.
  var actorSession: Int?
  /// The CONTAINER_SESSION records to be printed, in their order.
  var passages: [Passage] = []
  /// The highest number that an earlier tracer gave to a session.
  var lastKept: UInt32 = 0
  /// The sessions that records about tasks name, by tid; 0: none.
  var sessions: [UInt32: [Int]] = [:]
  /// The numbers that the kernel side carries for child and parent, at a birth with a known parent.
  var birth: (child: UInt32, parentNumber: UInt32, childNumber: UInt32)?
  /// Whether the child's number is that of a registration in the stream.
  var isToldNumber = false
  /// Namespaces that lose one container's ID and gain another's.
  var movedNamespaces: [NamespaceID] = []
  /// T5: changes of the sets of namespaces, in their order.
  var steps: [Step] = []
  /// T5: the sets that the tasks concerned were in, in their order, by tid.
  var homes: [UInt32: [[Instance]]] = [:]
  /// The host's set, by memberships.
  var hostSet: [NamespaceID] = []
  var registration: Registering?
  /// T10: the CONTAINER_OP records of tags that tasks take on entry, and what these carry then.
  var taken: [ContainerRecord] = []
  var takers: [UInt32: ContainerList] = [:]
  /// Changes of what is true of all tasks of a container, and of a cgroup. A cgroup is keyed by its
  /// path as printed, with the mark of a cut.
  var stances: [StanceCounts<ContainerID>.Change] = []
  var cgroups: [(path: BoundedText, stances: StanceCounts<CgroupID>.Change)] = []
  /// The cgroups of the tasks concerned, by tid. Only where IDs come from cgroups.
  var cgroupHomes: [UInt32: CgroupHome] = [:]

  /// A session that begins, ends or goes on.
  struct Passage {
    var verb: SessionRecord.Verb
    /// The reading's own number.
    var session: Int
    /// By ID.
    var containers: [ContainerID]
    var how: String
    var isLate: Bool
    var tid: UInt32
    /// The number of a session that began before the stream did; nil: of the others.
    var number: UInt32?
  }

  /// A change of the sets of namespaces, by memberships.
  enum Step {
    /// A task has moved from one set to another.
    case move(UInt32, from: [Instance], to: [Instance])
    /// The last task has left the set.
    case desert([Instance])
  }

  /// Adds the move of a task, by the ten slots before and after; nil: the slots before are not
  /// known.
  mutating func follow(_ tid: UInt32, from origin: [Instance]?, to place: [Instance]) {
    guard let old = origin.map(Reading.memberships) else { return }
    let new = Reading.memberships(place)
    if old != new { steps.append(.move(tid, from: old, to: new)) }
  }

  func isHostSet(_ set: [Instance]) -> Bool { set.map(\.id) == hostSet }

  /// A registration that was asked for.
  struct Registering {
    var request: nst_register
    var name: [UInt8]
    /// The reasons against it.
    var objections: Set<Objection>
    /// Whether no task carries the ID yet.
    var isUnused: Bool
    /// Whether the target has other threads or descendants.
    var hasOthers: Bool
    /// Whether an ID in use is the same, or has one of the two words in common.
    var isNearlyUsed: Bool
    /// Whether the walk found the target, and the stream does not know it any more. Its tid may be
    /// another task's.
    var isTargetGone: Bool
    var target: ContainerList
    var caller: ContainerList
    var callerAfter: ContainerList
    /// A record for each task concerned, or the one that reports the refusal.
    var records: [ContainerRecord]
    /// The target's namespaces; nil: not known, or the target is gone.
    var place: [NamespaceID]?
    /// The target's list afterwards.
    var targetAfter: ContainerList
    var isHostPlace: Bool
    var seccomp: UInt16?
    var hasNoNewPrivs: Bool?

    /// Whether the reading grants it and the kernel side has carried it out.
    var isGranted: Bool { objections.isEmpty }

    /// Whether this is the only reason against it. Only then does a refusal show that the reason is
    /// applied.
    func isRefused(only objection: Objection) -> Bool { objections == [objection] }
  }
}
