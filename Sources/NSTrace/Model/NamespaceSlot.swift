// SPDX-License-Identifier: Apache-2.0

/// One of a task's ten slots for a namespace, numbered as on the wire (`enum nst_slot`).
///
/// Eight are memberships. `pidChildren` and `timeChildren` are the namespaces of the task's future
/// children (`nsproxy->pid_ns_for_children`, `nsproxy->time_ns_for_children`); the task itself is
/// not in them.
package enum NamespaceSlot: Int, CaseIterable, Sendable {
  case mnt, uts, ipc, pid, pidChildren, user, net, cgroup, time, timeChildren

  package var kind: NamespaceKind {
    switch self {
    case .mnt: .mnt
    case .uts: .uts
    case .ipc: .ipc
    case .pid, .pidChildren: .pid
    case .user: .user
    case .net: .net
    case .cgroup: .cgroup
    case .time, .timeChildren: .time
    }
  }

  /// Whether the task is in the slot's namespace, and does not only hold it for its children.
  var isMembership: Bool { self != .pidChildren && self != .timeChildren }

  /// The membership slots: one of each kind, in their order.
  package static let memberships = allCases.filter(\.isMembership)

  /// The membership slot of the same kind.
  var membership: NamespaceSlot {
    switch self {
    case .pidChildren: .pid
    case .timeChildren: .time
    case .mnt, .uts, .ipc, .pid, .user, .net, .cgroup, .time: self
    }
  }

  /// The slot that unshare(2) and setns(2) change for a namespace of this kind.
  package static func movedByCall(_ kind: NamespaceKind) -> NamespaceSlot {
    switch kind {
    case .mnt: .mnt
    case .uts: .uts
    case .ipc: .ipc
    case .pid: .pidChildren
    case .user: .user
    case .net: .net
    case .cgroup: .cgroup
    case .time: .timeChildren
    }
  }
}
