// SPDX-License-Identifier: Apache-2.0

/// A container that has tasks, or whose namespaces others are in from outside, at one moment.
public struct ContainerSummary: Sendable, Equatable {
  /// Its ID.
  public var id: ContainerID
  /// The name in its registration, untrusted; empty: none.
  public var name: [UInt8]
  /// The number of tasks that carry its ID, those of nested containers included.
  public var tasks = 0
  /// T4: the number of tasks in sessions that are inside it.
  public var visitors = 0
  /// Whether none of its own tasks is left.
  public var hasEnded = false
  /// The time of its registration, or of its first task: CLOCK_BOOTTIME, nanoseconds.
  public var sinceNs: UInt64
  /// L1: whether all of its tasks have no_new_privs; nil: one is not known, and none is known to
  /// lack it.
  public var hasNoNewPrivs: Bool?
  /// L4: the lowest seccomp mode of its tasks, 0 none, 1 strict, 2 filter; nil: one is not known,
  /// and none is known to have none.
  public var seccomp: UInt16?
  /// The containers that it is nested in, the nearest first.
  public var parents: [ContainerID] = []
  /// The cgroups that its tasks are in, by path.
  public var cgroups: [Cgroup] = []
  /// The namespaces that its tasks are in or hold for their children, by kind and inode number.
  public var namespaces: [Use] = []

  /// A cgroup that a container has tasks in.
  public struct Cgroup: Sendable, Equatable {
    /// The path in v2, or in v1 where that names more; untrusted.
    public var path: BoundedText
    /// The number of its tasks, in any container or none, without those of cgroups below it.
    public var tasks = 0
    /// Whether all of them have no_new_privs; nil as above.
    public var hasNoNewPrivs: Bool?
    /// The lowest seccomp mode of its tasks; nil where it is not known.
    public var seccomp: UInt16?
  }

  /// A namespace that a container uses.
  public struct Use: Sendable, Equatable {
    /// The namespace.
    public var namespace: NamespaceID
    /// Whether it is one of the host's initial ones.
    public var isHosts: Bool
    /// The containers that use it, this one included, in the order in which they came; empty for
    /// the host's.
    public var containers: [ContainerID]
  }
}

/// A task in a tree of containers.
package struct TreeTask: Sendable, Equatable {
  package var tid: UInt32
  package var tgid: UInt32
  /// The tgid of its parent: as of the task's own last report, or, before that, the task that
  /// forked it. Nil if that is not known or has exited, because no record reports an orphan's new
  /// parent.
  package var ppid: UInt32?
  package var comm: [UInt8]
  package var exe: [UInt8]
  package var exeMarks: ProgramMarks
  package var containers: ContainerList
  /// The session (`cses=`): 0 for a task of a container that did not enter it from outside; nil: no
  /// container is involved.
  package var session: UInt32?
  /// The number of its ancestors that are shown above it in the same container.
  package var depth = 0
}

/// A task without a container ID in a namespace that a container uses: it entered from outside, or
/// made the namespace (T12).
package struct Visitor: Sendable, Equatable {
  package var task: TreeTask
  package var namespaces: [ContainerSummary.Use]
}
