// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// A position on container IDs under which clauses are judged: the policy of the tracker, and the
/// thread's rules, written here a second time and without that policy.
enum Position: CaseIterable {
  case rfc, writeOnce, nested, automatic, randomOnly, tags, xid
  /// The RFC's position, printed as the lifecycle of virtual machines too.
  case lifecycle
  /// The RFC's position, with the containers that the paths of cgroups name.
  case cgroups

  /// The policy under which the judged records are made.
  var policy: any ContainerPolicy {
    switch self {
    case .rfc, .lifecycle, .cgroups: RFCPolicy()
    case .writeOnce: WriteOncePolicy()
    case .nested: NestedPolicy()
    case .automatic: AutomaticPolicy()
    case .randomOnly: RandomOnlyPolicy()
    case .tags: TagsPolicy()
    case .xid: XIDPolicy()
    }
  }

  /// The tracker's options. Serials are those of a plain run, except under `lifecycle`.
  var options: TrackerOptions {
    TrackerOptions(
      identifiesSets: true, tellsLifecycle: self == .lifecycle,
      containers: self == .cgroups ? .cgroup : .registered)
  }

  /// The objections to a request besides the RFC's own rules.
  func objections(to request: Request) -> Set<Objection> {
    let isForeign = request.isUsed && !request.isOwned
    let isFull = request.target.count >= ContainerList.limit
    var found: Set<Objection> = []
    func object(_ objection: Objection, if holds: Bool) { if holds { found.insert(objection) } }
    switch self {
    case .rfc, .lifecycle, .cgroups, .randomOnly:
      object(.carried, if: !request.target.isEmpty)
      object(.used, if: isForeign && !request.isOwnerGone)
      object(.chosen, if: self == .randomOnly && !request.isRandom)
      object(.inside, if: self == .randomOnly && request.isOfVisitor)
    case .automatic: object(.automatic, if: true)
    case .writeOnce:
      object(.carried, if: !request.target.isEmpty)
      // The namespaces of a container are stained with its own ID.
      object(.stained, if: request.target.isEmpty && request.usesStained)
      object(.used, if: request.isUsed || request.isStain)
    case .nested:
      object(.carried, if: request.target.contains(request.id) || isFull)
      object(.used, if: isForeign)
      let outer = Array(request.target.suffix(request.caller.count))
      object(.outside, if: outer != request.caller)
    case .tags: object(.carried, if: request.target.contains(request.id) || isFull)
    case .xid:
      object(.carried, if: !request.target.isEmpty)
      object(.wide, if: request.id.high != 0 || request.id.low >= 1 << 32)
    }
    return found
  }

  /// The list that a task carries afterwards.
  func list(_ old: ContainerList, with id: ContainerID) -> ContainerList {
    switch self {
    case .nested:
      ContainerList([.init(id)] + old.elements.map { .init($0.id, isParent: true) })
    case .tags: ContainerList(old.elements + [.init(id)])
    case .rfc, .writeOnce, .automatic, .randomOnly, .xid, .lifecycle, .cgroups:
      ContainerList([.init(id)])
    }
  }

  /// A request for an ID, with its target and its caller.
  struct Request {
    var id: ContainerID
    var isRandom: Bool
    var target: [ContainerID]
    var caller: [ContainerID]
    /// Whether a task carries the ID.
    var isUsed: Bool
    /// T2: whether a namespace is stained with the ID.
    var isStain: Bool
    /// T2: whether a task that would get the ID, and has none, uses a stained namespace.
    var usesStained: Bool
    /// T6: whether a process asks for itself that is in a container session.
    var isOfVisitor: Bool
    /// Whether the same caller registered the ID.
    var isOwned: Bool
    /// Whether the process that registered the ID has exited.
    var isOwnerGone: Bool
  }
}
