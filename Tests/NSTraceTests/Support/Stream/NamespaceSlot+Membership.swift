// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

extension NamespaceSlot {
  /// The slot of the namespace of this kind that a task is in.
  init(membershipOf kind: NamespaceKind) {
    self =
      switch kind {
      case .mnt: .mnt
      case .uts: .uts
      case .ipc: .ipc
      case .pid: .pid
      case .user: .user
      case .net: .net
      case .cgroup: .cgroup
      case .time: .time
      }
  }
}
