// SPDX-License-Identifier: Apache-2.0

/// All namespaces of one task: what an NS_INFO record says.
public struct TaskSummary: Sendable, Equatable {
  public var tid: UInt32
  public var tgid: UInt32
  /// By slot.
  public var namespaces: [NamespaceID]
  public var uid: UInt32?
  public var auid: UInt32?
  public var ses: UInt32?
  public var comm: [UInt8]
  public var exe: [UInt8]
  public var exeMarks: ProgramMarks
  public var noNewPrivs: Bool
  public var seccomp: UInt16
  public var containers: ContainerList
  /// The path of its cgroup: in v2, or, where that is the root, in v1; empty where it is not known. Of a
  /// long one the end, so that the line does not get too long for ausearch.
  public var cgroup: BoundedText
}
