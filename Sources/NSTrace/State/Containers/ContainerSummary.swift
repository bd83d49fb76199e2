// SPDX-License-Identifier: Apache-2.0

/// A container that has tasks, as those who ask the tracer are told of it.
public struct ContainerSummary: Sendable, Equatable {
  /// Its ID.
  public var id: ContainerID
  /// What its registration called it; untrusted, empty: nothing.
  public var name: [UInt8]
  /// How many tasks carry its ID, those of containers nested in it too.
  public var tasks = 0
  /// When it was registered, or its first task came into it: CLOCK_BOOTTIME, nanoseconds.
  public var sinceNs: UInt64
  /// L1: whether all of its tasks have no_new_privs; nil: of some it is not known, and none is known to
  /// lack it.
  public var hasNoNewPrivs: Bool?
  /// L4: the lowest seccomp mode of its tasks, 0 none, 1 strict, 2 filter; nil: of some it is not known,
  /// and none is known to have none.
  public var seccomp: UInt16?
  /// The containers that it is nested in, the nearest first.
  public var parents: [ContainerID] = []
  /// The cgroups that its tasks are in, by path.
  public var cgroups: [Cgroup] = []
  /// What its tasks are in or hold for their children, by kind and inode number.
  public var namespaces: [Use] = []

  /// A cgroup that a container has tasks in.
  public struct Cgroup: Sendable, Equatable {
    /// In v2, or in v1 where that tells more; untrusted.
    public var path: BoundedText
    /// How many tasks it has, of whatever container or of none; not those of cgroups below it.
    public var tasks = 0
    /// What is true of all of them, as above.
    public var hasNoNewPrivs: Bool?
    /// The lowest seccomp mode of its tasks; nil where it is not known.
    public var seccomp: UInt16?
  }

  /// A namespace that a container uses.
  public struct Use: Sendable, Equatable {
    /// The namespace.
    public var namespace: NamespaceID
    /// It is one of the host's initial ones.
    public var isHosts: Bool
    /// All containers that use it, this one too, in the order in which they came; of the host's
    /// own nobody asks.
    public var containers: [ContainerID]
  }
}

/// A task, where the containers are shown as a tree.
package struct TreeTask: Sendable, Equatable {
  package var tid: UInt32
  package var tgid: UInt32
  /// The process that it came from: the parent as of the task's own last report, or, while there is
  /// none, who forked it. Nil when that is not known or that process has exited, for who it was then
  /// given to is not told.
  package var ppid: UInt32?
  package var comm: [UInt8]
  package var exe: [UInt8]
  package var exeMarks: ProgramMarks
  package var containers: ContainerList
  /// `cses=`: 0 of one in a container that came from nowhere else; nil of one that has nothing to do
  /// with any.
  package var session: UInt32?
  /// How many ancestors it has that are shown above it in the same container.
  package var depth = 0
}

/// A task without a container ID in a namespace that a container uses: it entered from outside, or
/// made the namespace (T12).
package struct Visitor: Sendable, Equatable {
  package var task: TreeTask
  package var namespaces: [ContainerSummary.Use]
}
