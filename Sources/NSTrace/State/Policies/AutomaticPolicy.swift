// SPDX-License-Identifier: Apache-2.0

/// T5 (Salaün): a task has the ID of its set of namespaces, and no other. The ID is a checksum of
/// the set, so the same set has the same ID whichever task enters it, and however. The host's own
/// set has none. The namespaces that a task holds for its children do not count. Nothing can be
/// registered.
package struct AutomaticPolicy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "automatic" }

  package var labelsSets: Bool { true }

  package func refuses(_ registration: Registration) -> RegistrationError? { .notPermitted }

  package func automaticID(for set: [NamespaceID], number: UInt64) -> ContainerID? {
    NamespaceHash(set).uuid(number)
  }
}
