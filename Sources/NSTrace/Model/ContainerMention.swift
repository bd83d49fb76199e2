// SPDX-License-Identifier: Apache-2.0

/// A CONTAINER_ID record: container IDs that take part in an event (RFC R4).
public struct ContainerMention: Hashable, Sendable {
  /// The IDs, innermost first.
  public var containers: ContainerList
  /// The session that is inside these containers from outside: `cses= rel=inside` (T4). Nil: they
  /// take part as what a task belongs to, or as what a namespace or the record is about: `rel=member`.
  public var session: UInt32?

  package init(_ containers: ContainerList, session: UInt32? = nil) {
    self.containers = containers
    self.session = session
  }

  /// The value of `rel=`.
  var relation: StaticString { session == nil ? "member" : "inside" }
}
