// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

/// A process and its descendants, by the births and ends in the stream.
struct ProcessTree: EachRecord {
  private let root: UInt32
  /// The tids of all tasks that were ever in it.
  private(set) var tids: Set<UInt32> = []
  /// The tids of its live tasks.
  private(set) var live: Set<UInt32> = []
  /// Its births by FORK records, which inherit everything.
  private(set) var forks: [nst_fork] = []
  /// The members of all registrations in the stream.
  private(set) var members: [nst_member] = []
  private(set) var registrations: [nst_register] = []

  init(root: Int32) { self.root = UInt32(root) }

  /// Whether the process has been born, and it and all its descendants have ended.
  var isOver: Bool { !tids.isEmpty && live.isEmpty }

  private mutating func born(_ tid: UInt32, of maker: UInt32) {
    guard tid == root || live.contains(maker) else { return }
    tids.insert(tid)
    live.insert(tid)
  }

  mutating func observe(_ record: RawRecord) {
    switch record {
    case .fork(let event):
      if live.contains(event.parent_tid) { forks.append(event) }
      born(event.child.tid, of: event.parent_tid)
    case .clone(let event, _): born(event.child.tid, of: event.subject.task.tid)
    case .exit(let event, _): live.remove(event.task.tid)
    // A thread that execs goes on with its leader's tid.
    case .exec(let event, _, _):
      if live.remove(event.old_tid) != nil { live.insert(event.subject.task.tid) }
    case .member(let event): members.append(event)
    case .register(let event, _): registrations.append(event)
    case .task, .switchNamespaces, .cgroup, .cgroupIn, .attach, .freed, .pinned, .users, .confined,
      .host, .clock, .snapshotBegin, .snapshotEnd, .lost, .suppressed, .kept, .keptSession, .inside,
      .stain, .audit, .auditLost,
      .unknown:
      break
    }
  }
}
