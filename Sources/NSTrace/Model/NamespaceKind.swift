// SPDX-License-Identifier: Apache-2.0

/// One of the eight kinds of namespaces, in the order in which the records of an event name them.
public enum NamespaceKind: UInt8, CaseIterable, Sendable, Comparable, BitwiseCopyable {
  case mnt, uts, ipc, pid, user, net, cgroup, time

  /// The name of its link in `/proc/PID/ns`, which is what `nstype=` prints.
  public var name: StaticString {
    switch self {
    case .mnt: "mnt"
    case .uts: "uts"
    case .ipc: "ipc"
    case .pid: "pid"
    case .user: "user"
    case .net: "net"
    case .cgroup: "cgroup"
    case .time: "time"
    }
  }

  /// The flag for it in clone(2), unshare(2) and setns(2).
  public var cloneFlag: UInt64 {
    switch self {
    case .mnt: 0x0002_0000
    case .uts: 0x0400_0000
    case .ipc: 0x0800_0000
    case .pid: 0x2000_0000
    case .user: 0x1000_0000
    case .net: 0x4000_0000
    case .cgroup: 0x0200_0000
    case .time: 0x0000_0080
    }
  }

  /// The kind with that name; nil: none.
  public init?(name: String) {
    guard let kind = Self.allCases.first(where: { "\($0.name)" == name }) else { return nil }
    self = kind
  }

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
