// SPDX-License-Identifier: Apache-2.0

/// T3 (Bottomley, Sarai): nested orchestrators. IDs are only added, so a task can go deeper and
/// never out, and a child's list contains its parent's. An orchestrator reaches only its own
/// container and those inside it.
package struct NestedPolicy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "nested" }

  package func refuses(_ registration: Registration) -> RegistrationError? {
    let inside = registration.current.elements.suffix(registration.caller.elements.count)
    if inside.map(\.id) != registration.caller.elements.map(\.id) { return .notDescendant }
    if registration.current.contains(registration.id) { return .exists }
    return registration.isUsed && !registration.isOwned ? .notUnique : nil
  }

  package func list(_ old: ContainerList, joinedBy id: ContainerID) -> ContainerList {
    ContainerList([.init(id)] + old.elements.map { .init($0.id, isParent: true) })
  }
}
