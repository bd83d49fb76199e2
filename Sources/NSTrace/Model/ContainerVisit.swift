// SPDX-License-Identifier: Apache-2.0

/// A container session, and the containers that it is inside (T4).
public struct ContainerVisit: Equatable, Sendable {
  /// `cses=`: from 1.
  public var session: UInt32
  /// The containers whose namespaces its first task entered, by ID; 32 at most.
  public var containers: ContainerList

  package init(session: UInt32, containers: ContainerList) {
    self.session = session
    self.containers = containers
  }
}
