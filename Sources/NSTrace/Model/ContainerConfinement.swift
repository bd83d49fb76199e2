// SPDX-License-Identifier: Apache-2.0

/// The confinement that all tasks of a container, or of a cgroup, share (L1, L4).
public struct ContainerConfinement: Hashable, Sendable {
  /// Whether all of them have no_new_privs.
  public var hasNoNewPrivs = false
  /// Their lowest seccomp mode: 0 none, 1 strict, 2 filter.
  public var seccomp: UInt16 = 0

  package init() {}

  package init(hasNoNewPrivs: Bool, seccomp: UInt16) {
    self.hasNoNewPrivs = hasNoNewPrivs
    self.seccomp = seccomp
  }

  /// A change of confinement, as a record states it.
  public struct Change: Hashable, Sendable {
    /// The confinement now.
    public var new: ContainerConfinement
    /// The confinement before.
    public var old: ContainerConfinement

    package init(new: ContainerConfinement, old: ContainerConfinement) {
      self.new = new
      self.old = old
    }
  }
}
