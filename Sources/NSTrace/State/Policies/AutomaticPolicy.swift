// SPDX-License-Identifier: Apache-2.0

/// T5 (Salaün): a task has the ID of the set of namespaces that it is in, and no other: a checksum of the
/// set, so that the same set has the same ID whoever comes into it and however. The host's own set
/// has none. What a task holds for its children it is not in. Nothing is registered.
package struct AutomaticPolicy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "automatic" }

  package var labelsSets: Bool { true }

  package func refuses(_ registration: Registration) -> RegistrationError? { .notPermitted }

  package func automaticID(for set: [NamespaceID], number: UInt64) -> ContainerID? {
    NamespaceHash(set).uuid(number)
  }
}
