// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// What the reading makes of one raw record: what was to be printed, and what is needed to judge
/// what was.
struct Account {
  /// The first snapshot is complete: from then on things are printed.
  var isFollowing = false
  /// The device of nsfs.
  var nsfsDev: UInt64 = 0
  /// NS_CREATE, NS_CHANGE and NS_DESTROY.
  var namespaces: [NamespaceRecord] = []
  /// CONTAINER_OP with op=drop.
  var ends: [ContainerRecord] = []
  /// What the tasks in question carried before; two where a tid has changed hands.
  var carried: [UInt32: [ContainerList]] = [:]
  /// Those of them that have what they carry from their parent.
  var heirs: Set<UInt32> = []
  /// What the one that did it carries.
  var actor: ContainerList?
  /// A birth, where its parent is known: the numbers that the kernel side carries for the two.
  var birth: (child: UInt32, parentNumber: UInt32, childNumber: UInt32)?
  /// The number of the birth is that of a registration that the stream has told of.
  var isToldNumber = false
  /// A namespace loses one container's ID and gains another's.
  var movedNamespaces: [NamespaceID] = []
  /// T5: what happened to sets of namespaces, in this order.
  var steps: [Step] = []
  /// T5: the sets that the tasks in question were in, one after the other.
  var homes: [UInt32: [[Instance]]] = [:]
  /// The host's own set, by memberships.
  var hostSet: [NamespaceID] = []
  var registration: Registering?
  /// Something else is true of all tasks of these containers, and of these cgroups, by
  /// path as it is printed: with the mark of what is cut.
  var stances: [StanceCounts<ContainerID>.Change] = []
  var cgroups: [(path: BoundedText, stances: StanceCounts<CgroupID>.Change)] = []

  /// Of sets of namespaces, by memberships.
  enum Step {
    /// A task went from one into another.
    case move(UInt32, from: [Instance], to: [Instance])
    /// Its last task has left it.
    case desert([Instance])
  }

  /// What a task is in after what it was in, both by slot; nothing is known of the latter where it is nil.
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
    /// What speaks against it.
    var objections: Set<Objection>
    /// No task carries the ID as yet.
    var isUnused: Bool
    /// There are threads or descendants.
    var hasOthers: Bool
    /// An ID in use is the same, or has one of the two words in common.
    var isNearlyUsed: Bool
    var target: ContainerList
    var caller: ContainerList
    var callerAfter: ContainerList
    /// One for each task that it concerns, or the one that says it was refused.
    var records: [ContainerRecord]
    /// The target's namespaces; nil where nobody knows.
    var place: [NamespaceID]?
    /// The target's list afterwards.
    var targetAfter: ContainerList
    var isHostPlace: Bool
    var seccomp: UInt16?
    var hasNoNewPrivs: Bool?

    /// The reading grants it, and the kernel side did it.
    var isGranted: Bool { objections.isEmpty }

    /// Nothing else speaks against it: only then does a refusal show that this does.
    func isRefused(only objection: Objection) -> Bool { objections == [objection] }
  }
}
