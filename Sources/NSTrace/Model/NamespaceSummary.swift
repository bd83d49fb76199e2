// SPDX-License-Identifier: Apache-2.0

/// A namespace in use, and who uses it.
public struct NamespaceSummary: Sendable, Equatable {
  public var namespace: NamespaceID
  /// How many tasks are in it, or hold it for their children.
  public var tasks: Int
  /// Of the task among them that started first: its process and owner.
  public var oldestPid: UInt32
  public var oldestUid: UInt32?
  public var oldestComm: [UInt8]
  public var oldestExe: [UInt8]
  public var oldestExeMarks: ProgramMarks
}
