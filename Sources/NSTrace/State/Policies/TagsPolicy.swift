// SPDX-License-Identifier: Apache-2.0

/// T10 (Schaufler): many free tags on a process instead of one ID; each registration adds one. Tags
/// that are registered so are also taken by who enters a namespace that has them.
package struct TagsPolicy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "tags" }

  package var tagsEntrants: Bool { true }

  package func refuses(_ registration: Registration) -> RegistrationError? {
    registration.current.contains(registration.id) ? .exists : nil
  }

  package func list(_ old: ContainerList, joinedBy id: ContainerID) -> ContainerList {
    ContainerList(old.elements + [.init(id)])
  }
}
