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

  /// IDs come from sets of namespaces: records say which set, too (`nshash=`).
  var labelsSets: Bool { get }

  /// The ID of a task that has none and is the first of its line in this set of namespaces (by
  /// slot); nil: none without a registration.
  func automaticID(for set: [NamespaceID]) -> ContainerID?
}

extension ContainerPolicy {
  public var labelsSets: Bool { false }

  public func automaticID(for set: [NamespaceID]) -> ContainerID? { nil }

  public func list(_ old: ContainerList, joinedBy id: ContainerID) -> ContainerList {
    ContainerList([.init(id)])
  }
}

/// The facts that a policy judges.
public struct Registration: Sendable {
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
