// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// A task as /proc shows it.
struct ProcTask: Equatable {
  let tid: UInt32
  let tgid: UInt32
  /// Inode numbers by slot. A slot that cannot be read is missing, such as pid_for_children before
  /// there is an init.
  let inums: [NamespaceSlot: UInt32]

  /// Nil if the task has ended or is a zombie.
  init?(tgid: UInt32, tid: UInt32) {
    let directory = "/proc/\(tgid)/task/\(tid)/ns"
    var inums: [NamespaceSlot: UInt32] = [:]
    for slot in NamespaceSlot.allCases {
      let link = Files.link("\(directory)/\(ActorFacts.linkName(of: slot))")
      inums[slot] = link?.split(separator: "[").last.flatMap { UInt32($0.dropLast()) }
    }
    guard inums[.mnt] != nil else { return nil }
    self.tid = tid
    self.tgid = tgid
    self.inums = inums
  }

  /// Every task of the machine that has namespaces.
  static func all() -> [ProcTask] {
    Files.names(in: "/proc").compactMap { UInt32($0) }.flatMap { tasks(of: $0) }
  }

  static func tasks(of tgid: UInt32) -> [ProcTask] {
    Files.names(in: "/proc/\(tgid)/task").compactMap { UInt32($0) }.compactMap {
      ProcTask(tgid: tgid, tid: $0)
    }
  }

  /// The tids of a process and its children.
  static func family(of pid: Int32) throws -> [UInt32] {
    let children = Files.names(in: "/proc").compactMap { UInt32($0) }.filter {
      guard let status = try? Files.text("/proc/\($0)/status") else { return false }
      return status.contains("\nPPid:\t\(pid)\n")
    }
    return [UInt32(pid)] + children
  }

  /// Whether the tracker has the same facts about the task.
  func agrees(with task: TaskSummary) -> Bool {
    task.tgid == tgid
      && inums.allSatisfy { slot, inum in task.namespaces[slot.rawValue].inum == inum }
  }
}
