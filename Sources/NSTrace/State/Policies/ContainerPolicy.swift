// SPDX-License-Identifier: Apache-2.0

/// A position on container IDs: what may be registered, and which ID a task then has.
///
/// The rules that all positions share (RFC R1 to R6) are applied before. A policy is a value
/// without state, so a dump can be replayed under each.
public protocol ContainerPolicy: Sendable {
  /// The name for `--policy`.
  var name: StaticString { get }

  /// Why this registration is refused; nil: it is granted. Of several reasons it is the first in
  /// the order of `RegistrationError`.
  func refuses(_ registration: Registration) -> RegistrationError?

  /// The task's list once `id` was registered for it.
  func list(_ old: ContainerList, joinedBy id: ContainerID) -> ContainerList

  /// Whether a namespace keeps the IDs of those who used it while it lives (T2).
  var stainsNamespaces: Bool { get }

  /// Whether an ID that is registered to be taken on entry is taken by who enters a namespace that has
  /// it (T10).
  var tagsEntrants: Bool { get }

  /// Whether a process with CAP_AUDIT_WRITE in the initial user namespace may register itself, alone
  /// (T6).
  var letsRegisterSelf: Bool { get }

  /// Whether IDs come from sets of namespaces alone. Records then identify the set, too
  /// (`nshash=`).
  var labelsSets: Bool { get }

  /// The ID for tasks in this set of namespaces; nil: IDs come from registrations.
  /// - Parameters:
  ///   - set: eight namespaces in the order of kinds.
  ///   - number: tells apart live sets that have the same inode numbers. The first has 0, and each
  ///     number gives another ID.
  func automaticID(for set: [NamespaceID], number: UInt64) -> ContainerID?
}

extension ContainerPolicy {
  public var stainsNamespaces: Bool { false }

  public var tagsEntrants: Bool { false }

  public var letsRegisterSelf: Bool { false }

  public var labelsSets: Bool { false }

  public func automaticID(for set: [NamespaceID], number: UInt64) -> ContainerID? { nil }

  public func list(_ old: ContainerList, joinedBy id: ContainerID) -> ContainerList {
    ContainerList([.init(id)])
  }
}

extension ContainerPolicy {
  /// The list of a registration that was granted before (docs/identity.md), perhaps under another policy, to
  /// tasks that have `old`. No policy takes an ID from them, so what this one would not list stays as parents.
  func list(_ old: ContainerList, keeping id: ContainerID) -> ContainerList {
    let list = list(old, joinedBy: id)
    let isWhole = old.elements.allSatisfy { list.contains($0.id) }
    return isWhole ? list : NestedPolicy().list(old, joinedBy: id)
  }
}

/// The facts that a policy judges.
public struct Registration: Sendable {
  /// The ID that was asked for.
  public var id: ContainerID
  /// Whether the tracer chose the ID.
  public var isRandom: Bool
  /// Whether the target descends from the caller.
  public var descends: Bool
  /// The target's containers.
  public var current: ContainerList
  /// The caller's containers.
  public var caller: ContainerList
  /// Whether the ID is in use.
  public var isUsed: Bool
  /// Whether a living namespace is stained with it, in use or not (T2).
  public var isStain: Bool
  /// Whether a task that would get the ID, and carries none, uses a stained namespace (T2).
  public var usesStained: Bool
  /// Whether a process asks for itself that is inside a container: it has one by its cgroup, or a container
  /// session, which would end with its registration (T4, T6).
  public var leavesInside: Bool
  /// Whether it is in use and the caller asks for its owner (`NamespaceState.principals`).
  public var isOwned: Bool
  /// Whether it is in use and none of its owners lives.
  public var isOwnerGone: Bool
}
