// SPDX-License-Identifier: Apache-2.0

/// T3 (Bottomley, Sarai): nested orchestrators. IDs are only ever added: one may go deeper and never
/// out, and what a child carries contains what its parent carries. An orchestrator reaches only
/// into its own container and what is inside it.
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
