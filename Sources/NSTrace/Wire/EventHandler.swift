// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// A consumer of every record of a stream, in its order.
///
/// One method for each kind, so the decoder hands over the C struct itself, and a new kind compiles
/// only once every handler has its method. Texts are valid only during the call. Methods are total:
/// they return for any record.
package protocol EventHandler: ~Copyable {
  mutating func fork(_ event: nst_fork)
  mutating func exit(_ event: nst_exit, subject: nst_subject?)
  mutating func task(_ event: nst_task, exe: RawSpan)
  mutating func clone(_ event: nst_clone, proctitle: RawSpan)
  mutating func switchNamespaces(_ event: nst_switch, proctitle: RawSpan)
  mutating func exec(_ event: nst_exec, exe: RawSpan, proctitle: RawSpan)
  /// A cgroup has this path, or was removed.
  mutating func cgroup(_ event: nst_cgroup, path: RawSpan)
  /// The same for a cgroup whose path is too long for that record.
  mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan)
  /// A task was moved to these cgroups, or a walk found it there.
  mutating func attach(_ event: nst_attach)
  /// A namespace with this inode number, or an entry of proc, has been freed.
  mutating func freed(_ event: nst_freed)
  /// Whether a namespace that no task uses still exists.
  mutating func pinned(_ event: nst_pinned)
  /// A walk has reported the tasks that use a namespace, as TASK records with NST_FLAG_CENSUS
  /// before this.
  mutating func users(_ event: nst_users)
  /// A task's confinement now.
  mutating func confined(_ event: nst_confined)
  mutating func host(_ event: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan)
  mutating func clock(_ event: nst_clock)
  mutating func snapshotBegin(_ event: nst_snapshot)
  mutating func snapshotEnd(_ event: nst_snapshot)
  mutating func lost(_ event: nst_lost)
  /// Records of one kind that a share made beyond its rate, and that were never sent.
  mutating func suppressed(_ event: nst_suppressed)
  /// A task that the next REGISTER or KEPT record concerns.
  mutating func member(_ event: nst_member)
  mutating func register(_ event: nst_register, name: RawSpan)
  /// A granted registration without a REGISTER record in the stream.
  mutating func kept(_ event: nst_kept, name: RawSpan)
  /// A container session that began before the stream did.
  mutating func keptSession(_ event: nst_kept_session, exe: RawSpan)
  /// A process that was in such a session.
  mutating func inside(_ event: nst_inside)
  /// A namespace has had a container's ID since before the stream began (T2).
  mutating func stain(_ event: nst_stain)
  /// A kind that this version does not know: of a newer writer.
  /// A record of the kernel's own audit, or a part of one.
  mutating func audit(_ event: nst_audit, text: RawSpan)
  /// Records of the kernel's audit are missing.
  mutating func auditLost(_ event: nst_audit_lost)
  mutating func unknown(_ header: nst_header)
  /// Whether the handler declined the last record, which then has to wait. Few handlers ever do.
  var hasDeclined: Bool { get }
  /// A record about that task comes soon (`expect`), and a few records later very soon
  /// (`expectSoon`): for handlers that look it up. Others do nothing.
  func expect(task tid: UInt32)
  func expectSoon(task tid: UInt32)
}

extension EventHandler where Self: ~Copyable {
  package var hasDeclined: Bool { false }
  package func expect(task tid: UInt32) {}
  package func expectSoon(task tid: UInt32) {}
}
