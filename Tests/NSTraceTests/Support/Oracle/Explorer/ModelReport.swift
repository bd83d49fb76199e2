// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// A record of the model's stream, with the truth at its time.
struct ModelReport: Hashable {
  enum Content: Hashable {
    case host(NamespacePlace)
    case clock
    case snapshotBegin
    case snapshotEnd
    case fork(parent: TaskName)
    case clone(parent: TaskName, parentStartNs: UInt64, flags: UInt64)
    case exit
    case exec
    case unshare(flags: UInt64)
    case setns(flags: UInt64, isRefused: Bool)
    case task(flags: UInt16)
    case freed(UInt32)
    case lost(kind: UInt16, count: UInt32, sinceNs: UInt64)
    case member
    case register(TaskName, number: UInt32)
    case users(NamespaceID, count: UInt32, beganNs: UInt64)
  }

  var content: Content
  var task: TaskName
  var startNs: UInt64
  var timeNs: UInt64
  var place: NamespacePlace
  /// The number of the task's registration.
  var container: UInt32
  var truth: ModelTruth
}

extension ModelReport {
  var bytes: [UInt8] { event.bytes }

  private var header: nst_header { nst_header(kind: 0, flags: 0, size: 0, time_ns: timeNs) }

  private var id: nst_task_id { nst_task_id(start_ns: startNs, tid: task.tid, tgid: task.tid) }

  private var subject: nst_subject {
    var subject = nst_subject()
    subject.task = id
    return subject
  }

  private var event: RawRecord {
    switch content {
    case .host(let place): host(place)
    case .clock: .clock(nst_clock(hdr: header, realtime_offset_ns: 0))
    case .snapshotBegin: .snapshotBegin(nst_snapshot(hdr: header, tasks: 0))
    case .snapshotEnd: .snapshotEnd(nst_snapshot(hdr: header, tasks: 0))
    case .fork(let parent):
      .fork(nst_fork(hdr: header, child: id, parent_tid: parent.tid, container: container))
    case .clone(let parent, let start, let flags): clone(by: parent, start, flags)
    case .exit: .exit(nst_exit(hdr: header, task: id), subject)
    case .exec: exec
    case .unshare(let flags): call(NST_OP_UNSHARE, flags, isRefused: false)
    case .setns(let flags, let isRefused): call(NST_OP_SETNS, flags, isRefused: isRefused)
    case .task(let flags): seen(flags)
    case .freed(let number): .freed(nst_freed(hdr: header, inum: number, pad: 0))
    case .lost(let kind, let count, let since):
      .lost(nst_lost(hdr: header, since_ns: since, count: count, kind: kind, flags: 0))
    case .member:
      .member(
        nst_member(
          hdr: header, task: id, container: 0, flags: UInt32(NST_MEMBER_TARGET)))
    case .register(let caller, let number): register(by: caller, number)
    case .users(let id, let count, let began): users(id, count, began)
    }
  }

  private func host(_ place: NamespacePlace) -> RawRecord {
    var host = nst_host()
    (host.hdr, host.initial) = (header, place.wire)
    host.hooks = UInt32(NST_HOOK_CENSUS)
    return .host(host)
  }

  private func clone(by parent: TaskName, _ startNs: UInt64, _ flags: UInt64) -> RawRecord {
    var event = nst_clone()
    (event.hdr, event.child, event.set) = (header, id, place.wire)
    event.subject.task = nst_task_id(
      start_ns: startNs, tid: parent.tid, tgid: parent.tid)
    event.call.op = NST_OP_CLONE.rawValue
    (event.call.flags, event.call.container) = (flags, container)
    return .clone(event)
  }

  private var exec: RawRecord {
    var event = nst_exec()
    (event.hdr, event.subject, event.set) = (header, subject, place.wire)
    event.call.op = NST_OP_EXEC.rawValue
    event.call.container = container
    event.old_tid = task.tid
    return .exec(event, exe: [])
  }

  private func call(_ op: nst_op, _ flags: UInt64, isRefused: Bool) -> RawRecord {
    var event = nst_switch()
    (event.hdr, event.subject, event.set) = (header, subject, place.wire)
    (event.call.op, event.call.flags) = (op.rawValue, flags)
    (event.call.result, event.call.container) = (isRefused ? -3 : 0, container)
    return .switchNamespaces(event)
  }

  private func seen(_ flags: UInt16) -> RawRecord {
    var event = nst_task()
    (event.hdr, event.subject, event.set) = (header, subject, place.wire)
    event.hdr.flags = flags
    event.container = container
    return .task(event, exe: [])
  }

  private func register(by caller: TaskName, _ number: UInt32) -> RawRecord {
    var event = nst_register()
    event.hdr = header
    (event.contid_low, event.container) = (UInt64(number), number)
    (event.caller_tid, event.target_tid, event.members) = (caller.tid, task.tid, 1)
    event.flags = UInt16(NST_REGISTER_CAPABLE | NST_REGISTER_DESCENDANTS)
    return .register(event, name: [])
  }

  private func users(_ id: NamespaceID, _ count: UInt32, _ began: UInt64) -> RawRecord {
    .users(
      nst_users(
        hdr: header, began_ns: began, id: id.nsid, inum: id.inum,
        type: UInt32(id.kind.cloneFlag), tasks: count, pad: 0))
  }
}
