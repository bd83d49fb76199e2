// SPDX-License-Identifier: Apache-2.0

/// T2 (Biederman, Bottomley): an ID is written once, like an indelible dye, for a set of processes and
/// namespaces. A task passes it on by fork, and to the namespaces that it uses, which keep it while
/// they live. No second registration joins a container or happens in a stained namespace, and an ID is
/// not given again while a namespace is stained with it.
package struct WriteOncePolicy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "write-once" }

  package var stainsNamespaces: Bool { true }

  package func refuses(_ registration: Registration) -> RegistrationError? {
    if !registration.current.isUnset || registration.usesStained { return .exists }
    return registration.isUsed || registration.isStain ? .notUnique : nil
  }
}
