// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

/// The tasks that descend from one process, by the births and ends that stand in the stream.
struct ProcessTree: EventHandler {
  private let root: UInt32
  /// The tids of all tasks that ever belonged to it.
  private(set) var tids: Set<UInt32> = []
  /// Those that have not ended.
  private(set) var live: Set<UInt32> = []
  /// The births into it that inherit everything.
  private(set) var forks: [nst_fork] = []
  /// The tasks that registrations concerned, whoever's.
  private(set) var members: [nst_member] = []
  private(set) var registrations: [nst_register] = []

  init(root: Int32) { self.root = UInt32(root) }

  /// It has been born, and nobody of it is left.
  var isOver: Bool { !tids.isEmpty && live.isEmpty }

  private mutating func born(_ tid: UInt32, of maker: UInt32) {
    guard tid == root || live.contains(maker) else { return }
    tids.insert(tid)
    live.insert(tid)
  }

  mutating func fork(_ event: nst_fork) {
    if live.contains(event.parent_tid) { forks.append(event) }
    born(event.child.tid, of: event.parent_tid)
  }
  mutating func clone(_ event: nst_clone, proctitle: RawSpan) {
    born(event.child.tid, of: event.subject.task.tid)
  }
  mutating func exit(_ event: nst_exit, subject: nst_subject?) { live.remove(event.task.tid) }

  /// A thread that execs goes on under its leader's tid.
  mutating func exec(_ event: nst_exec, exe: RawSpan, proctitle: RawSpan) {
    if live.remove(event.old_tid) != nil { live.insert(event.subject.task.tid) }
  }

  mutating func task(_ event: nst_task, exe: RawSpan) {}
  mutating func switchNamespaces(_ event: nst_switch, proctitle: RawSpan) {}
  mutating func cgroup(_ event: nst_cgroup, path: RawSpan) {}
  mutating func attach(_ event: nst_attach) {}
  mutating func freed(_ event: nst_freed) {}
  mutating func pinned(_ event: nst_pinned) {}
  mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan) {}
  mutating func confined(_ event: nst_confined) {}
  mutating func users(_ event: nst_users) {}
  mutating func host(_: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan) {}
  mutating func clock(_ event: nst_clock) {}
  mutating func snapshotBegin(_ event: nst_snapshot) {}
  mutating func snapshotEnd(_ event: nst_snapshot) {}
  mutating func lost(_ event: nst_lost) {}
  mutating func member(_ event: nst_member) { members.append(event) }
  mutating func register(_ event: nst_register, name: RawSpan) {
    registrations.append(event)
  }
  mutating func unknown(_ header: nst_header) {}
}
