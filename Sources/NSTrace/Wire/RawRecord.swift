// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// A wire record with its texts, copied out of its batch.
package enum RawRecord: Sendable {
  case fork(nst_fork)
  case exit(nst_exit, nst_subject?)
  case task(nst_task, exe: [UInt8])
  case clone(nst_clone, proctitle: [UInt8] = [])
  case switchNamespaces(nst_switch, proctitle: [UInt8] = [])
  case exec(nst_exec, exe: [UInt8], proctitle: [UInt8] = [])
  case cgroup(nst_cgroup, path: [UInt8])
  case cgroupIn(nst_cgroup_in, name: [UInt8])
  case attach(nst_attach)
  case freed(nst_freed)
  case pinned(nst_pinned)
  case users(nst_users)
  case confined(nst_confined)
  case host(nst_host, release: [UInt8] = [], hostname: [UInt8] = [], version: [UInt8] = [])
  case clock(nst_clock)
  case snapshotBegin(nst_snapshot)
  case snapshotEnd(nst_snapshot)
  case lost(nst_lost)
  case suppressed(nst_suppressed)
  case member(nst_member)
  case register(nst_register, name: [UInt8])
  case kept(nst_kept, name: [UInt8])
  case keptSession(nst_kept_session, exe: [UInt8])
  case inside(nst_inside)
  case stain(nst_stain)
  case audit(nst_audit, text: [UInt8])
  case auditLost(nst_audit_lost)
  /// A record of a kind that this version does not know.
  case unknown(nst_header)

  /// Hands it to a handler, as the decoder does.
  package func deliver(to handler: inout some EventHandler & ~Copyable) {
    switch self {
    case .fork(let event): handler.fork(event)
    case .exit(let event, let subject): handler.exit(event, subject: subject)
    case .task(let event, let exe): unsafe handler.task(event, exe: exe.span.bytes)
    case .clone(let event, let proctitle):
      unsafe handler.clone(event, proctitle: proctitle.span.bytes)
    case .switchNamespaces(let event, let proctitle):
      unsafe handler.switchNamespaces(event, proctitle: proctitle.span.bytes)
    case .exec(let event, let exe, let proctitle):
      unsafe handler.exec(event, exe: exe.span.bytes, proctitle: proctitle.span.bytes)
    case .cgroup(let event, let path): unsafe handler.cgroup(event, path: path.span.bytes)
    case .cgroupIn(let event, let name): unsafe handler.cgroup(event, name: name.span.bytes)
    case .attach(let event): handler.attach(event)
    case .freed(let event): handler.freed(event)
    case .pinned(let event): handler.pinned(event)
    case .users(let event): handler.users(event)
    case .confined(let event): handler.confined(event)
    case .host(let event, let release, let hostname, let version):
      unsafe handler.host(
        event, release: release.span.bytes, hostname: hostname.span.bytes,
        version: version.span.bytes)
    case .clock(let event): handler.clock(event)
    case .snapshotBegin(let event): handler.snapshotBegin(event)
    case .snapshotEnd(let event): handler.snapshotEnd(event)
    case .lost(let event): handler.lost(event)
    case .suppressed(let event): handler.suppressed(event)
    case .member(let event): handler.member(event)
    case .register(let event, let name): unsafe handler.register(event, name: name.span.bytes)
    case .kept(let event, let name): unsafe handler.kept(event, name: name.span.bytes)
    case .keptSession(let event, let exe): unsafe handler.keptSession(event, exe: exe.span.bytes)
    case .inside(let event): handler.inside(event)
    case .stain(let event): handler.stain(event)
    case .audit(let event, let text): unsafe handler.audit(event, text: text.span.bytes)
    case .auditLost(let event): handler.auditLost(event)
    case .unknown(let header): handler.unknown(header)
    }
  }
}
