// SPDX-License-Identifier: Apache-2.0

/// T10 (Schaufler): many free tags on a process instead of one ID; each registration adds one.
public struct TagsPolicy: ContainerPolicy {
  public init() {}

  public var name: StaticString { "tags" }

  public func refuses(_ registration: Registration) -> RegistrationError? {
    registration.current.contains(registration.id) ? .exists : nil
  }

  public func list(_ old: ContainerList, joinedBy id: ContainerID) -> ContainerList {
    ContainerList(old.elements + [.init(id)])
  }
}
