// SPDX-License-Identifier: Apache-2.0

/// A position on container IDs: what may be registered, and what ID a task has afterwards.
///
/// What all positions share (RFC R1 to R6) is judged before a policy is asked. A policy is a value
/// without state; the same dump can be replayed under each.
public protocol ContainerPolicy: Sendable {
  /// As `--policy` names it.
  var name: StaticString { get }

  /// Why this registration is refused; nil: it is not. Of several reasons the first in the order
  /// of `RegistrationError`.
  func refuses(_ registration: Registration) -> RegistrationError?

  /// What a task carries once `id` was registered for it.
  func list(_ old: ContainerList, joinedBy id: ContainerID) -> ContainerList

  /// IDs come from sets of namespaces alone: records say which set, too (`nshash=`).
  var labelsSets: Bool { get }

  /// The ID of the tasks that are in this set of namespaces, eight of them in the order of kinds; nil: IDs
  /// come from registrations. `number` tells apart sets that live together and have the same inode
  /// numbers: the first has 0, and each number gives another ID.
  func automaticID(for set: [NamespaceID], number: UInt64) -> ContainerID?
}

extension ContainerPolicy {
  public var labelsSets: Bool { false }

  public func automaticID(for set: [NamespaceID], number: UInt64) -> ContainerID? { nil }

  public func list(_ old: ContainerList, joinedBy id: ContainerID) -> ContainerList {
    ContainerList([.init(id)])
  }
}

/// The facts that a policy judges.
public struct Registration: Sendable {
  /// The ID that was asked for.
  public var id: ContainerID
  /// The tracer chose the ID.
  public var isRandom: Bool
  /// The target descends from the caller.
  public var descends: Bool
  /// What the target carries.
  public var current: ContainerList
  /// What the caller carries.
  public var caller: ContainerList
  /// The ID is in use already.
  public var isUsed: Bool
  /// It is, and the caller asks for its owner (`NamespaceState.principals`).
  public var isOwned: Bool
  /// It is, and of its owners nobody lives any more.
  public var isOwnerGone: Bool
}
