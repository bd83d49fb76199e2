// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

/// Whole records that could stand in a stream, about so few tasks and namespaces that they
/// interact.
struct FuzzStream {
  private var random: FuzzGenerator
  private var time: UInt64 = 0

  init(seed: UInt64) { random = FuzzGenerator(seed: seed) }

  /// A stream's start, with `count` records behind its first snapshot.
  mutating func records(_ count: Int) -> [[UInt8]] {
    var records = [
      host(), one { $0.append(nst_clock.make(realtimeOffsetNs: 1_700_000_000 << 30)) },
    ]
    records.append(one { $0.appendSnapshotBegin(at: 0) })
    records.append(one { $0.appendSnapshotEnd(tasks: 0, at: 0) })
    while records.count < count + 4 { records.append(next()) }
    return records
  }

  private func host() -> [UInt8] {
    one { $0.append(nst_host.make(), release: [0x36], hostname: [0x68], version: []) }
  }

  private func one(_ append: (inout RecordEncoder) -> Void) -> [UInt8] {
    var encoder = RecordEncoder()
    append(&encoder)
    return encoder.bytes
  }

  private mutating func next() -> [UInt8] {
    time += UInt64.random(in: 0...2, using: &random)
    let kind = Int.random(in: 0..<32, using: &random)
    let (id, set, subject) = (taskID(), self.set(), self.subject())
    let (text, call) = (random.bytes(Int.random(in: 0...20, using: &random)), self.call())
    let (time, number) = (time, number(8))
    let (member, register) = (member(), register(nameBytes: text.count))
    let (cgroup, attach) = (cgroup(pathBytes: text.count), attach())
    let (freed, pinned) = (freed(), pinned())
    let kept = kept(nameBytes: text.count)
    let (keptSession, inside) = (keptSession(exeBytes: text.count), inside())
    let stain = stain()
    return one { encoder in
      switch kind {
      case 0...4: encoder.append(nst_fork.make(id, of: number, at: time))
      case 5...7: encoder.append(nst_exit.make(id, at: time), subject: kind == 5 ? subject : nil)
      case 8, 9:
        encoder.append(
          nst_task.make(subject, in: set, at: time, flags: kind == 8 ? NST_FLAG_LATE : 0),
          exe: text)
      case 10, 11, 12:
        encoder.append(
          nst_clone.make(id, of: subject, in: set, call: call, at: time), proctitle: text)
      case 13, 14, 15:
        encoder.append(
          nst_switch.make(subject, to: set, call: call, at: time), proctitle: text)
      case 16, 17:
        encoder.append(
          nst_exec.make(subject, in: set, oldTid: number, at: time), exe: text, proctitle: text)
      case 18 where number == 0: encoder.appendSnapshotBegin(at: time)
      case 18: encoder.appendSnapshotEnd(tasks: 1, at: time)
      case 19: encoder.append(nst_lost.make(number, of: NST_KIND_FORK, since: time, at: time))
      case 20, 21: encoder.append(member)
      case 22: encoder.append(cgroup, tail: text)
      case 23: encoder.append(attach)
      case 26: encoder.append(freed)
      case 27: encoder.append(pinned)
      case 28: encoder.append(kept, tail: text)
      case 29: encoder.append(keptSession, tail: text)
      case 30: encoder.append(inside)
      case 31: encoder.append(stain)
      default: encoder.append(register, tail: text)
      }
    }
  }

  private mutating func number(_ limit: UInt32) -> UInt32 {
    UInt32.random(in: 0..<limit, using: &random)
  }

  private mutating func taskID() -> nst_task_id {
    .make(number(8), tgid: number(8), startNs: UInt64(number(3)))
  }

  private mutating func subject() -> nst_subject {
    var subject = nst_subject.make(comm: random.bytes(16), tty: random.bytes(16))
    subject.task = taskID()
    return subject
  }

  private mutating func set() -> nst_set {
    var set = nst_set.host()
    for slot in NamespaceSlot.allCases where number(3) == 0 {
      set = set.with(slot, number(4), nsid: UInt64(number(2)))
    }
    return set
  }

  private mutating func cgroup(pathBytes: Int) -> nst_cgroup {
    var record = nst_cgroup(at: time)
    record.hdr.flags = number(4) == 0 ? UInt16(NST_FLAG_REMOVED) : 0
    (record.id, record.hierarchy) = (UInt64(number(4)), number(2))
    record.path_bytes = UInt16(pathBytes)
    return record
  }

  private mutating func attach() -> nst_attach {
    var record = nst_attach(at: time)
    (record.subject, record.task) = (subject(), taskID())
    (record.cgroup_id, record.v1_cgroup_id) = (UInt64(number(4)), UInt64(number(4)))
    (record.hierarchy, record.moved) = (number(2), number(2))
    if number(2) == 0 { record.hdr.flags |= UInt16(NST_FLAG_PROCESS) }
    return record
  }

  private mutating func freed() -> nst_freed {
    var record = nst_freed(at: time)
    record.inum = number(4)
    return record
  }

  private mutating func pinned() -> nst_pinned {
    var record = nst_pinned(at: time)
    (record.id, record.inum, record.answer) = (UInt64(number(2)), number(4), number(4))
    record.type = 1 << number(32)
    return record
  }

  private mutating func member() -> nst_member {
    var record = nst_member(at: time)
    (record.task, record.flags) = (taskID(), number(8))
    return record
  }

  private mutating func register(nameBytes: Int) -> nst_register {
    var record = nst_register(at: time)
    record.contid_low = UInt64(number(4))
    (record.caller_tid, record.target_tid) = (number(8), number(8))
    (record.container, record.members) = (number(6), number(4))
    record.flags = UInt16(number(16) | 5)
    record.name_bytes = UInt16(nameBytes)
    return record
  }

  private mutating func kept(nameBytes: Int) -> nst_kept {
    var record = nst_kept(at: time)
    record.contid_low = UInt64(number(4))
    (record.caller_tid, record.target_tid) = (number(8), number(8))
    (record.container, record.previous, record.members) = (number(6), number(6), number(4))
    record.owners.0 = taskID()
    record.name_bytes = UInt16(nameBytes)
    return record
  }

  private mutating func keptSession(exeBytes: Int) -> nst_kept_session {
    var record = nst_kept_session(at: time)
    (record.session, record.opid, record.tid) = (number(4), number(8), number(2))
    (record.contids.1, record.contids.3) = (UInt64(number(4)), UInt64(number(4)))
    (record.containers, record.op) = (UInt16(number(4)), UInt16(number(8)))
    record.kinds = UInt16(number(256))
    record.exe_bytes = UInt16(exeBytes)
    return record
  }

  private mutating func inside() -> nst_inside {
    var record = nst_inside(at: time)
    (record.tgid, record.session, record.slots) = (number(8), number(4), number(1 << 10))
    return record
  }

  private mutating func stain() -> nst_stain {
    var record = nst_stain(at: time)
    (record.id, record.inum, record.type) = (UInt64(number(2)), number(4), 1 << number(32))
    record.contid_low = UInt64(number(4))
    return record
  }

  private mutating func call() -> nst_call {
    var call = nst_call.make(
      nst_op(rawValue: UInt16(number(7))), flags: random.next(),
      result: [0, 5, -1, -22, .min, .max][Int(number(6))])
    call.number = number(500)
    return call
  }
}
