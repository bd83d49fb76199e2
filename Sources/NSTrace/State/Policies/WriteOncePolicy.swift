// SPDX-License-Identifier: Apache-2.0

/// T2 (Biederman, Bottomley): an ID is written once, like an indelible dye. No second registration
/// joins a container; only fork passes the ID on.
package struct WriteOncePolicy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "write-once" }

  package func refuses(_ registration: Registration) -> RegistrationError? {
    if !registration.current.isUnset { return .exists }
    return registration.isUsed ? .notUnique : nil
  }
}
