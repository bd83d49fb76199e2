// SPDX-License-Identifier: Apache-2.0

/// All namespaces of one task, and its subject: the content of an NS_INFO record.
public struct TaskSummary: Sendable, Equatable {
  /// The thread, in the initial PID namespace.
  public var tid: UInt32
  /// The process, in the initial PID namespace.
  public var tgid: UInt32
  /// Its namespaces, by slot.
  public var namespaces: [NamespaceID]
  /// The real user; nil: not known.
  public var uid: UInt32?
  /// The login user; nil: not known.
  public var auid: UInt32?
  /// The audit session; nil: not known.
  public var ses: UInt32?
  /// The task's name: bytes of its own choice.
  public var comm: [UInt8]
  /// The path of its program; empty: not known.
  public var exe: [UInt8]
  /// What the path itself does not show: deleted, or cut.
  public var exeMarks: ProgramMarks
  /// Whether it has no_new_privs: prctl(2).
  public var noNewPrivs: Bool
  /// Its seccomp mode: 0 none, 1 strict, 2 filter.
  public var seccomp: UInt16
  /// The container IDs that it carries.
  public var containers: ContainerList
  /// The path of its cgroup in v2, or in v1 if v2's is the root; empty: not known. Of a long path
  /// only the end, because ausearch limits the length of a line.
  public var cgroup: BoundedText
}
