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

extension [ContainerMention] {
  /// Adds what takes part as a member, once.
  mutating func add(_ list: ContainerList) {
    if list.isUnset || contains(where: { $0.containers == list }) { return }
    append(ContainerMention(list))
  }

  /// Adds what a session is inside. Who belongs to the same containers, by its cgroup, is inside them.
  mutating func enter(_ visit: ContainerVisit) {
    removeAll { $0.session == nil && $0.containers == visit.containers }
    append(ContainerMention(visit.containers, session: visit.session))
  }
}
