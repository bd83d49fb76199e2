// SPDX-License-Identifier: Apache-2.0

/// The last posted kernel series (ghak90, version 11): 64-bit IDs, descendants only, an owner, and
/// nesting by an orchestrator that is itself in the target's container.
package struct KernelV11Policy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "kernel-v11" }

  package func refuses(_ registration: Registration) -> RegistrationError? {
    if registration.id.high != 0 { return .invalid }
    if !registration.descends { return .notDescendant }
    let nests = !registration.current.isUnset && registration.caller == registration.current
    if !registration.current.isUnset && !nests { return .exists }
    return registration.isUsed && !registration.isOwned ? .notUnique : nil
  }

  package func list(_ old: ContainerList, joinedBy id: ContainerID) -> ContainerList {
    NestedPolicy().list(old, joinedBy: id)
  }
}
