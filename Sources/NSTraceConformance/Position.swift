// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// A position on container IDs that clauses are judged under: the policy that the tracker is run
/// with, and what the thread said of it, read here a second time and without that policy.
enum Position: CaseIterable {
  case rfc, writeOnce, nested, automatic, randomOnly, tags, xid
  /// The RFC's, told as virtual machines' lifecycles too.
  case lifecycle

  /// What the records that are judged are made with.
  var policy: any ContainerPolicy {
    switch self {
    case .rfc, .lifecycle: RFCPolicy()
    case .writeOnce: WriteOncePolicy()
    case .nested: NestedPolicy()
    case .automatic: AutomaticPolicy()
    case .randomOnly: RandomOnlyPolicy()
    case .tags: TagsPolicy()
    case .xid: XIDPolicy()
    }
  }

  /// The serials of a run are those of a plain one, but for those of `lifecycle`.
  var options: TrackerOptions {
    TrackerOptions(identifiesSets: true, tellsLifecycle: self == .lifecycle)
  }

  /// What speaks against a request besides the rules of the RFC itself.
  func objections(to request: Request) -> Set<Objection> {
    let isForeign = request.isUsed && !request.isOwned
    var found: Set<Objection> = []
    func object(_ objection: Objection, if holds: Bool) { if holds { found.insert(objection) } }
    switch self {
    case .rfc, .lifecycle, .randomOnly:
      object(.carried, if: !request.target.isEmpty)
      object(.used, if: isForeign && !request.isOwnerGone)
      object(.chosen, if: self == .randomOnly && !request.isRandom)
    case .automatic: object(.automatic, if: true)
    case .writeOnce:
      object(.carried, if: !request.target.isEmpty)
      object(.used, if: request.isUsed)
    case .nested:
      object(.carried, if: request.target.contains(request.id))
      object(.used, if: isForeign)
      let outer = Array(request.target.suffix(request.caller.count))
      object(.outside, if: outer != request.caller)
    case .tags: object(.carried, if: request.target.contains(request.id))
    case .xid:
      object(.carried, if: !request.target.isEmpty)
      object(.wide, if: request.id.high != 0 || request.id.low >= 1 << 32)
    }
    return found
  }

  /// What a task carries afterwards.
  func list(_ old: ContainerList, with id: ContainerID) -> ContainerList {
    switch self {
    case .nested:
      ContainerList([.init(id)] + old.elements.map { .init($0.id, isParent: true) })
    case .tags: ContainerList(old.elements + [.init(id)])
    case .rfc, .writeOnce, .automatic, .randomOnly, .xid, .lifecycle: ContainerList([.init(id)])
    }
  }

  /// What is asked for, and of whom.
  struct Request {
    var id: ContainerID
    var isRandom: Bool
    var target: [ContainerID]
    var caller: [ContainerID]
    /// A task carries the ID.
    var isUsed: Bool
    /// It was registered by the same caller.
    var isOwned: Bool
    /// Who registered it has exited.
    var isOwnerGone: Bool
  }
}
