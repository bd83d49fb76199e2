// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// What wants to know of every record of a stream, in its order.
///
/// One method for each kind, so that the decoder can hand over the C struct itself, and a new kind
/// does not compile until everyone has said what it means to them. Texts are valid only during the
/// call. Methods are total: whatever a record says, they come back.
package protocol EventHandler: ~Copyable {
  mutating func fork(_ event: nst_fork)
  mutating func exit(_ event: nst_exit, subject: nst_subject?)
  mutating func task(_ event: nst_task, exe: RawSpan)
  mutating func clone(_ event: nst_clone, proctitle: RawSpan)
  mutating func switchNamespaces(_ event: nst_switch, proctitle: RawSpan)
  mutating func exec(_ event: nst_exec, exe: RawSpan, proctitle: RawSpan)
  /// A cgroup has this path, or is gone.
  mutating func cgroup(_ event: nst_cgroup, path: RawSpan)
  /// The same of one whose path is too long for that.
  mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan)
  /// A task is in these cgroups.
  mutating func attach(_ event: nst_attach)
  /// A namespace with this inode number has been freed, or an entry of proc.
  mutating func freed(_ event: nst_freed)
  /// Whether a namespace that nobody uses is still there.
  mutating func pinned(_ event: nst_pinned)
  /// A walk has found all tasks that use a namespace: TASK records with NST_FLAG_CENSUS, before this.
  mutating func users(_ event: nst_users)
  /// How a task is confined by now.
  mutating func confined(_ event: nst_confined)
  mutating func host(_ event: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan)
  mutating func clock(_ event: nst_clock)
  mutating func snapshotBegin(_ event: nst_snapshot)
  mutating func snapshotEnd(_ event: nst_snapshot)
  mutating func lost(_ event: nst_lost)
  /// A task that the registration which follows concerns.
  mutating func member(_ event: nst_member)
  mutating func register(_ event: nst_register, name: RawSpan)
  /// A kind that this version does not know: a newer writer's.
  mutating func unknown(_ header: nst_header)
  /// The record that was just handed over has to wait: nothing has come of it. Few ever do that.
  var hasDeclined: Bool { get }
  /// A record about that task is coming, and a few records later that it is near: for those who have to
  /// look it up. Others do nothing.
  func expect(task tid: UInt32)
  func expectSoon(task tid: UInt32)
}

extension EventHandler where Self: ~Copyable {
  package var hasDeclined: Bool { false }
  package func expect(task tid: UInt32) {}
  package func expectSoon(task tid: UInt32) {}
}
