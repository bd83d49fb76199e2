// SPDX-License-Identifier: Apache-2.0

/// What is true of all tasks of a container, or of a cgroup (L1, L4).
public struct ContainerConfinement: Equatable, Sendable {
  /// All of them have no_new_privs.
  public var hasNoNewPrivs = false
  /// The lowest of their seccomp modes: 0: one has none, 1: strict, 2: filter.
  public var seccomp: UInt16 = 0

  package init() {}

  package init(hasNoNewPrivs: Bool, seccomp: UInt16) {
    self.hasNoNewPrivs = hasNoNewPrivs
    self.seccomp = seccomp
  }

  /// From one to another; what a record says.
  public struct Change: Equatable, Sendable {
    /// What is true now.
    public var new: ContainerConfinement
    /// What was true before.
    public var old: ContainerConfinement

    package init(new: ContainerConfinement, old: ContainerConfinement) {
      self.new = new
      self.old = old
    }
  }
}
