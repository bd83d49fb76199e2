// SPDX-License-Identifier: Apache-2.0

/// T2 (Biederman, Bottomley): an indelible dye. An ID is written once, and no container is ever
/// joined by a second registration: only fork spreads the colour.
package struct WriteOncePolicy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "write-once" }

  package func refuses(_ registration: Registration) -> RegistrationError? {
    if !registration.current.isUnset { return .exists }
    return registration.isUsed ? .notUnique : nil
  }
}
