// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// One record of a stream, before it is put into bytes.
enum StreamEvent {
  case host(nst_host)
  case fork(nst_fork)
  case exit(nst_exit, nst_subject?)
  case task(nst_task, exe: [UInt8])
  case clone(nst_clone)
  case switchNamespaces(nst_switch)
  case exec(nst_exec, exe: [UInt8])
  case cgroup(nst_cgroup, path: [UInt8])
  case cgroupIn(nst_cgroup_in, name: [UInt8])
  case attach(nst_attach)
  case freed(nst_freed)
  case pinned(nst_pinned)
  case users(nst_users)
  case confined(nst_confined)
  case clock(nst_clock)
  case snapshotBegin(nst_snapshot)
  case snapshotEnd(nst_snapshot)
  case lost(nst_lost)
  case member(nst_member)
  case register(nst_register, name: [UInt8])
  case unknown(nst_header)

  func deliver(to handler: inout some EventHandler & ~Copyable) {
    switch self {
    case .host(let event):
      handler.host(event, release: RawSpan(), hostname: RawSpan(), version: RawSpan())
    case .fork(let event): handler.fork(event)
    case .exit(let event, let subject): handler.exit(event, subject: subject)
    case .task(let event, let exe):
      RecordBatch(exe).withBytes { handler.task(event, exe: $0) }
    case .clone(let event): handler.clone(event, proctitle: RawSpan())
    case .switchNamespaces(let event): handler.switchNamespaces(event, proctitle: RawSpan())
    case .exec(let event, let exe):
      RecordBatch(exe).withBytes { handler.exec(event, exe: $0, proctitle: RawSpan()) }
    case .cgroup(let event, let path):
      RecordBatch(path).withBytes { handler.cgroup(event, path: $0) }
    case .cgroupIn(let event, let name):
      RecordBatch(name).withBytes { handler.cgroup(event, name: $0) }
    case .attach(let event): handler.attach(event)
    case .freed(let event): handler.freed(event)
    case .pinned(let event): handler.pinned(event)
    case .users(let event): handler.users(event)
    case .confined(let event): handler.confined(event)
    case .clock(let event): handler.clock(event)
    case .snapshotBegin(let event): handler.snapshotBegin(event)
    case .snapshotEnd(let event): handler.snapshotEnd(event)
    case .lost(let event): handler.lost(event)
    case .member(let event): handler.member(event)
    case .register(let event, let name):
      RecordBatch(name).withBytes { handler.register(event, name: $0) }
    case .unknown(let header): handler.unknown(header)
    }
  }

  /// The record's bytes.
  var bytes: [UInt8] {
    var encoder = RecordEncoder()
    switch self {
    case .host(let event): encoder.append(event, release: [], hostname: [], version: [])
    case .fork(let event): encoder.append(event)
    case .exit(let event, let subject): encoder.append(event, subject: subject)
    case .task(var event, let exe):
      event.exe_bytes = UInt16(exe.count)
      encoder.append(event, tail: exe)
    case .clone(let event): encoder.append(event)
    case .switchNamespaces(let event): encoder.append(event)
    case .exec(var event, let exe):
      event.exe_bytes = UInt16(exe.count)
      encoder.append(event, tail: exe)
    case .cgroup(var event, let path):
      event.path_bytes = UInt16(path.count)
      encoder.append(event, tail: path)
    case .cgroupIn(var event, let name):
      event.name_bytes = UInt16(name.count)
      encoder.append(event, tail: name)
    case .attach(let event): encoder.append(event)
    case .freed(let event): encoder.append(event)
    case .pinned(let event): encoder.append(event)
    case .users(let event): encoder.append(event)
    case .confined(let event): encoder.append(event)
    case .clock(let event): encoder.append(event)
    case .snapshotBegin(let event): encoder.append(event)
    case .snapshotEnd(let event): encoder.append(event, kind: NST_KIND_SNAPSHOT_END)
    case .lost(let event): encoder.append(event)
    case .member(let event): encoder.append(event)
    case .register(var event, let name):
      event.name_bytes = UInt16(name.count)
      encoder.append(event, tail: name)
    case .unknown(let header):
      encoder.append(
        nst_clock(hdr: header, realtime_offset_ns: 0), kind: nst_kind(rawValue: header.kind))
    }
    return encoder.bytes
  }
}
