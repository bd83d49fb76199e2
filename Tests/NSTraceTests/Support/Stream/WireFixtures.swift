// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

// Wire structs with plausible contents, so that a test names only what it is about.

extension nst_task_id {
  static func make(_ tid: UInt32, tgid: UInt32? = nil, startNs: UInt64? = nil) -> nst_task_id {
    nst_task_id(start_ns: startNs ?? UInt64(tid) * 1000, tid: tid, tgid: tgid ?? tid)
  }
}

extension nst_subject {
  /// The child of a login shell: uid 0, auid 1000, session 3, on pts/0.
  static func make(
    _ tid: UInt32 = 4242, tgid: UInt32? = nil, startNs: UInt64? = nil, ppid: UInt32 = 4200,
    uid: UInt32 = 0, auid: UInt32 = 1000, ses: UInt32 = 3, comm: [UInt8] = Array("unshare".utf8),
    tty: [UInt8] = Array("pts0".utf8)
  ) -> nst_subject {
    var subject = nst_subject()
    subject.task = .make(tid, tgid: tgid, startNs: startNs)
    subject.cgroup_id = 77
    subject.ppid = ppid
    subject.auid = auid
    subject.ses = ses
    subject.uid = uid
    subject.euid = uid
    subject.suid = uid
    subject.fsuid = uid
    subject.setText(comm: comm, tty: tty)
    return subject
  }

  /// Copies as much of the texts as fits.
  mutating func setText(comm: [UInt8], tty: [UInt8]) {
    withUnsafeMutableBytes(of: &self.comm) { $0.copyBytes(from: comm.prefix($0.count)) }
    withUnsafeMutableBytes(of: &self.tty) { $0.copyBytes(from: tty.prefix($0.count)) }
  }
}

extension nst_set {
  /// The host's own namespaces as on 6.18 or, without `hasIDs`, on an older kernel.
  static func host(hasIDs: Bool = true) -> nst_set {
    var set = nst_set()
    for slot in NamespaceSlot.allCases {
      let kind = slot.kind.rawValue
      set[slot] = NamespaceID(
        kind: slot.kind, inum: 4_026_531_832 + UInt32(kind), nsid: hasIDs ? UInt64(kind) + 1 : 0)
    }
    return set
  }

  /// The same set with another namespace in one slot.
  func with(_ slot: NamespaceSlot, _ inum: UInt32, nsid: UInt64 = 0) -> nst_set {
    var set = self
    set[slot] = NamespaceID(kind: slot.kind, inum: inum, nsid: nsid)
    return set
  }
}

extension nst_call {
  static func make(
    _ op: nst_op = NST_OP_UNSHARE, flags: UInt64 = 0, result: Int64 = 0,
    args: (UInt64, UInt64, UInt64, UInt64)? = nil
  ) -> nst_call {
    var call = nst_call()
    call.args = args ?? (flags, 0, 0, 0)
    call.result = result
    call.flags = flags
    call.number = number(of: op)
    call.arch = 0xc000_003e
    call.op = op.rawValue
    return call
  }

  /// The system call's number on x86-64.
  private static func number(of op: nst_op) -> UInt32 {
    switch op {
    case NST_OP_CLONE: 56
    case NST_OP_CLONE3: 435
    case NST_OP_UNSHARE: 272
    case NST_OP_SETNS: 308
    case NST_OP_EXEC: 59
    default: 0
    }
  }
}

// MARK: - Records; the encoder fills in kind, size and lengths

extension WireRecord {
  init(at timeNs: UInt64) {
    self.init()
    hdr.time_ns = timeNs
  }
}

extension nst_fork {
  static func make(_ child: nst_task_id, of parent: UInt32, at timeNs: UInt64) -> nst_fork {
    var record = nst_fork(at: timeNs)
    record.child = child
    record.parent_tid = parent
    return record
  }
}

extension nst_exit {
  static func make(_ task: nst_task_id, at timeNs: UInt64) -> nst_exit {
    var record = nst_exit(at: timeNs)
    record.task = task
    return record
  }
}

extension nst_task {
  static func make(
    _ subject: nst_subject = .make(), in set: nst_set = .host(), at timeNs: UInt64,
    flags: Int32 = 0
  ) -> nst_task {
    var record = nst_task(at: timeNs)
    record.hdr.flags = UInt16(flags)
    record.subject = subject
    record.set = set
    return record
  }
}

extension nst_clone {
  static func make(
    _ child: nst_task_id, of subject: nst_subject = .make(), in set: nst_set,
    call: nst_call = .make(NST_OP_CLONE), at timeNs: UInt64
  ) -> nst_clone {
    var record = nst_clone(at: timeNs)
    record.subject = subject
    record.call = call
    record.child = child
    record.set = set
    return record
  }
}

extension nst_switch {
  static func make(
    _ subject: nst_subject = .make(), to set: nst_set, call: nst_call = .make(),
    at timeNs: UInt64
  ) -> nst_switch {
    var record = nst_switch(at: timeNs)
    record.subject = subject
    record.call = call
    record.set = set
    return record
  }
}

extension nst_exec {
  /// - Parameter oldTid: the former tid of a thread that has become the leader.
  static func make(
    _ subject: nst_subject = .make(), in set: nst_set = .host(), oldTid: UInt32? = nil,
    at timeNs: UInt64
  ) -> nst_exec {
    var record = nst_exec(at: timeNs)
    record.subject = subject
    record.call = .make(NST_OP_EXEC)
    record.set = set
    record.old_tid = oldTid ?? subject.task.tid
    return record
  }
}

extension nst_host {
  static func make(_ initial: nst_set = .host(), nsfsDev: UInt64 = 4, at timeNs: UInt64 = 0)
    -> nst_host
  {
    var record = nst_host(at: timeNs)
    record.initial = initial
    withUnsafeMutableBytes(of: &record.boot_id) { $0.copyBytes(from: 1...16) }
    record.nsfs_dev = nsfsDev
    record.arch = 0xc000_003e
    record.hooks = 0xff
    record.wire_major = UInt16(NST_WIRE_MAJOR)
    record.wire_minor = UInt16(NST_WIRE_MINOR)
    return record
  }
}

extension nst_clock {
  static func make(realtimeOffsetNs: Int64, at timeNs: UInt64 = 0) -> nst_clock {
    var record = nst_clock(at: timeNs)
    record.realtime_offset_ns = realtimeOffsetNs
    return record
  }
}

extension nst_snapshot {
  static func make(tasks: UInt64 = 0, at timeNs: UInt64) -> nst_snapshot {
    var record = nst_snapshot(at: timeNs)
    record.tasks = tasks
    return record
  }
}

extension nst_lost {
  static func make(
    _ count: UInt32, of kind: nst_kind, since sinceNs: UInt64, at timeNs: UInt64
  ) -> nst_lost {
    var record = nst_lost(at: timeNs)
    record.since_ns = sinceNs
    record.count = count
    record.kind = kind.rawValue
    return record
  }
}

// MARK: - Records with their texts

extension RecordEncoder {
  mutating func append(_ record: nst_task, exe: [UInt8]) {
    var record = record
    record.exe_bytes = UInt16(exe.count)
    append(record, tail: exe)
  }

  mutating func append(_ record: nst_clone, proctitle: [UInt8]) {
    var record = record
    record.call.proctitle_bytes = UInt16(proctitle.count)
    append(record, tail: proctitle)
  }

  mutating func append(_ record: nst_switch, proctitle: [UInt8]) {
    var record = record
    record.call.proctitle_bytes = UInt16(proctitle.count)
    append(record, tail: proctitle)
  }

  mutating func append(_ record: nst_exec, exe: [UInt8], proctitle: [UInt8]) {
    var record = record
    record.exe_bytes = UInt16(exe.count)
    record.call.proctitle_bytes = UInt16(proctitle.count)
    append(record, tail: exe + proctitle)
  }

  mutating func append(
    _ record: nst_host, release: [UInt8], hostname: [UInt8], version: [UInt8]
  ) {
    var record = record
    record.release_bytes = UInt16(release.count)
    record.hostname_bytes = UInt16(hostname.count)
    record.version_bytes = UInt16(version.count)
    append(record, tail: release + hostname + version)
  }

  mutating func appendSnapshotBegin(at timeNs: UInt64) {
    append(nst_snapshot.make(at: timeNs), kind: NST_KIND_SNAPSHOT_BEGIN)
  }

  mutating func appendSnapshotEnd(tasks: UInt64, at timeNs: UInt64) {
    append(nst_snapshot.make(tasks: tasks, at: timeNs), kind: NST_KIND_SNAPSHOT_END)
  }
}
