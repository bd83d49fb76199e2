// SPDX-License-Identifier: Apache-2.0

/// T5 (Salaün): an ID of its own at the first namespace that differs from the parent's. It is the
/// checksum of the set of namespaces, so the same set has the same ID; what is forked inherits it,
/// and who has none may still be registered.
public struct AutomaticPolicy: ContainerPolicy {
  public init() {}

  public var name: StaticString { "automatic" }

  public var labelsSets: Bool { true }

  public func refuses(_ registration: Registration) -> RegistrationError? {
    RFCPolicy().refuses(registration)
  }

  public func automaticID(for set: [NamespaceID]) -> ContainerID? { NamespaceHash(set).uuid }
}
