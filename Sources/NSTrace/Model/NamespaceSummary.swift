// SPDX-License-Identifier: Apache-2.0

/// A namespace in use, and who uses it.
public struct NamespaceSummary: Sendable, Equatable {
  /// The namespace.
  public var namespace: NamespaceID
  /// How many tasks are in it, or hold it for their children.
  public var tasks: Int
  /// Of the task among them that started first: its process and owner.
  public var oldestPid: UInt32
  /// The user of that task; nil where it is not known.
  public var oldestUid: UInt32?
  /// The name of that task: bytes of its own choice.
  public var oldestComm: [UInt8]
  /// The path of its program; empty where it is not known.
  public var oldestExe: [UInt8]
  /// What the path does not say itself: deleted, or cut.
  public var oldestExeMarks: ProgramMarks
}
