// SPDX-License-Identifier: Apache-2.0

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

  /// Whether a request that breaks no rule of the RFC itself is to be refused.
  func refuses(_ request: Request) -> Bool {
    let isJoined = request.isUsed && !request.isOwned
    return switch self {
    case .rfc, .automatic, .lifecycle: !request.target.isEmpty || (isJoined && !request.isOwnerGone)
    case .writeOnce: !request.target.isEmpty || request.isUsed
    case .nested:
      request.target.contains(request.id) || isJoined
        || Array(request.target.suffix(request.caller.count)) != request.caller
    case .randomOnly: !request.isRandom || Self.rfc.refuses(request)
    case .tags: request.target.contains(request.id)
    case .xid: request.id.high != 0 || request.id.low >= 1 << 32 || !request.target.isEmpty
    }
  }

  /// What a task carries afterwards.
  func list(_ old: ContainerList, with id: ContainerID) -> ContainerList {
    switch self {
    case .nested:
      ContainerList([.init(id)] + old.elements.map { .init($0.id, isParent: true) })
    case .tags: ContainerList(old.elements + [.init(id)])
    default: ContainerList([.init(id)])
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
