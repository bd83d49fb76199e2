// SPDX-License-Identifier: Apache-2.0

/// The RFC itself (R1 to R13): one ID for a task, set once. Its owner may put more processes into
/// the container. Once the owner is gone, so may any task with the capability.
package struct RFCPolicy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "rfc" }

  package func refuses(_ registration: Registration) -> RegistrationError? {
    if !registration.current.isUnset { return .exists }
    let mayJoin = registration.isOwned || registration.isOwnerGone
    return registration.isUsed && !mayJoin ? .notUnique : nil
  }
}
