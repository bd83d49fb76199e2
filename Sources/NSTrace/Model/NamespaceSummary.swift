// SPDX-License-Identifier: Apache-2.0

/// A namespace in use, and its users.
public struct NamespaceSummary: Sendable, Equatable {
  /// The namespace.
  public var namespace: NamespaceID
  /// The number of tasks that are in it, or hold it for their children.
  public var tasks: Int
  /// The process of the task among them that started first.
  public var oldestPid: UInt32
  /// The user of that task; nil: not known.
  public var oldestUid: UInt32?
  /// The name of that task: bytes of its own choice.
  public var oldestComm: [UInt8]
  /// The path of its program; empty: not known.
  public var oldestExe: [UInt8]
  /// What the path itself does not show: deleted, or cut.
  public var oldestExeMarks: ProgramMarks
}
