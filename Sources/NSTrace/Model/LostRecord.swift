// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// An NS_LOST record: how many wire records are missing, of which kind, since when.
public struct LostRecord: Equatable, Sendable {
  public var count: UInt64
  /// The kind of the missing wire records (`enum nst_kind`); nil: of all kinds together.
  public var kind: UInt16?
  /// CLOCK_REALTIME, nanoseconds since the epoch: nothing before it is missing.
  public var sinceNs: Int64
  /// A snapshot has been taken since, and the state is whole again.
  public var resynced: Bool
}

extension LostRecord {
  /// What `kind=` prints: the wire kind's name.
  public var kindName: StaticString {
    guard let kind else { return "all" }
    return switch nst_kind(rawValue: kind) {
    case NST_KIND_FORK: "fork"
    case NST_KIND_EXIT: "exit"
    case NST_KIND_TASK: "task"
    case NST_KIND_CLONE: "clone"
    case NST_KIND_SWITCH: "switch"
    case NST_KIND_EXEC: "exec"
    case NST_KIND_CGROUP: "cgroup"
    case NST_KIND_ATTACH: "attach"
    case NST_KIND_FREED: "freed"
    default: "unknown"
    }
  }
}
