// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// Records in an order that no kernel gives. Tids, times and namespaces are so few that they
/// interact.
struct HostileStream {
  private var random: RandomStream
  private var now: UInt64 = 100
  /// Whether a snapshot has ended. Registrations of earlier tracers come before, those of another
  /// tracer after.
  private var isFollowed = false

  /// How many of 100 records are about registrations.
  private let registrationPercent: Int
  /// How many of 100 records are about cgroups.
  private let cgroupPercent: Int
  /// How many of 100 records are about namespaces without users.
  private let pinnedPercent: Int

  init(
    seed: UInt64, registrationPercent: Int = 0, cgroupPercent: Int = 0, pinnedPercent: Int = 0
  ) {
    random = RandomStream(seed: seed)
    self.registrationPercent = registrationPercent
    self.cgroupPercent = cgroupPercent
    self.pinnedPercent = pinnedPercent
  }

  mutating func next() -> RawRecord {
    now &+= UInt64(random.below(3))
    if registrationPercent > 0, random.chance(registrationPercent) {
      if random.chance(50) { return .member(member()) }
      if random.chance(isFollowed ? 1 : 40) {
        return random.chance(50) ? .inside(inside()) : .keptSession(keptSession(), exe: exe())
      }
      if !isFollowed, random.chance(30) { return .stain(stain()) }
      if random.chance(isFollowed ? 10 : 50) { return .kept(kept(), name: name()) }
      return .register(register(), name: name())
    }
    if cgroupPercent > 0, random.chance(cgroupPercent) {
      return random.chance(40) ? .cgroup(cgroup(), path: path()) : .attach(attach())
    }
    if pinnedPercent > 0, random.chance(pinnedPercent) {
      return random.chance(50) ? .freed(freed()) : .pinned(pinned())
    }
    switch random.below(100) {
    case 0..<25: return .fork(fork())
    case 25..<45: return .exit(exit(), random.chance(50) ? subject() : nil)
    case 45..<58: return .task(task(), exe: exe())
    case 58..<68: return .clone(clone())
    case 68..<82: return .switchNamespaces(call())
    case 82..<92: return .exec(exec(), exe: exe())
    case 92..<94: return .snapshotBegin(nst_snapshot(hdr: header(), tasks: 0))
    case 94..<96:
      isFollowed = true
      return .snapshotEnd(nst_snapshot(hdr: header(), tasks: 0))
    case 96..<98: return .lost(lost())
    case 98: return .clock(nst_clock(hdr: header(), realtime_offset_ns: bits()))
    default: return .unknown(header())
    }
  }

  /// Any number; the ends of its range come more often than others.
  private mutating func bits() -> Int64 {
    random.pick([0, .min, .max, Int64(truncatingIfNeeded: random.next())])
  }

  private mutating func header() -> nst_header {
    var header = nst_header()
    header.kind = 60
    header.flags = UInt16(random.below(8))
    header.time_ns = now
    if random.chance(20) { header.time_ns &-= UInt64(random.below(40)) }
    if random.chance(1) { header.time_ns = random.chance(50) ? 0 : .max }
    return header
  }

  private mutating func tid() -> UInt32 {
    random.chance(2) ? random.pick([0, 1 << 22, .max, 1 << 22 - 1]) : UInt32(random.below(9)) + 1
  }

  private mutating func id() -> nst_task_id {
    let start = random.chance(2) ? UInt64.max : UInt64(random.below(3)) + now / 64
    return nst_task_id(start_ns: start, tid: tid(), tgid: UInt32(random.below(3)))
  }

  private mutating func subject() -> nst_subject {
    var subject = nst_subject()
    subject.task = id()
    subject.ppid = UInt32(now % 4)
    if random.chance(10) { subject.flags = UInt16(NST_SUBJECT_EXE_DELETED) }
    if subject.task.tgid == 1 { subject.flags |= UInt16(NST_SUBJECT_AUDIT_CONTROL) }
    if now % 7 == 0 { subject.flags |= UInt16(NST_SUBJECT_NO_NEW_PRIVS) }
    if now % 5 == 0 { subject.seccomp = UInt16(now / 5 % 5) }
    if cgroupPercent > 0 { subject.cgroup_id = cgroupID() }
    return subject
  }

  private mutating func exe() -> [UInt8] {
    random.chance(20) ? [] : Array("/\(random.below(4))".utf8)
  }

  private mutating func set() -> nst_set {
    var place = NamespacePlace.initial
    for _ in 0..<random.below(4) {
      let slot = random.pick(NamespaceSlot.allCases)
      place = place.with([slot: UInt32(random.below(4))], nsid: UInt64(random.below(2)))
    }
    if random.chance(20) { place[.pid] = place[.pidChildren] }
    if random.chance(20) { place[.time] = place[.timeChildren] }
    return place.wire
  }

  private mutating func anyCall() -> nst_call {
    var call = nst_call()
    call.op = UInt16(random.below(8))
    call.container = number()
    call.result = random.pick([0, 0, 5, -1, .min])
    call.flags = random.next() & random.next()
    return call
  }

  /// The number of a registration, only if there are registrations.
  private mutating func number() -> UInt32 {
    registrationPercent > 0 ? UInt32(random.below(6)) : 0
  }

  private mutating func fork() -> nst_fork {
    var event = nst_fork(
      hdr: header(), child: id(), parent_tid: tid(), container: number())
    if now % 3 == 0 { event.hdr.flags = UInt16(now / 3 % (1 << 10)) }
    return event
  }

  private mutating func exit() -> nst_exit {
    var event = nst_exit(hdr: header(), task: id())
    // The encoder sets the flag for a subject.
    event.hdr.flags = 0
    return event
  }

  private mutating func task() -> nst_task {
    var event = nst_task()
    (event.hdr, event.subject, event.set) = (header(), subject(), set())
    event.container = number()
    return event
  }

  private mutating func clone() -> nst_clone {
    var event = nst_clone()
    (event.hdr, event.subject, event.set) = (header(), subject(), set())
    (event.call, event.child) = (anyCall(), id())
    return event
  }

  private mutating func call() -> nst_switch {
    var event = nst_switch()
    (event.hdr, event.subject, event.set, event.call) = (header(), subject(), set(), anyCall())
    return event
  }

  private mutating func exec() -> nst_exec {
    var event = nst_exec()
    (event.hdr, event.subject, event.set, event.call) = (header(), subject(), set(), anyCall())
    event.old_tid = random.chance(40) ? event.subject.task.tid : tid()
    return event
  }

  private mutating func member() -> nst_member {
    nst_member(
      hdr: header(), task: id(), container: UInt32(random.below(5)),
      flags: random.chance(5) ? .max : UInt32(random.below(8)))
  }

  private mutating func register() -> nst_register {
    var event = nst_register()
    event.hdr = header()
    event.contid_high = random.chance(5) ? .max : UInt64(random.below(2))
    event.contid_low = random.chance(5) ? .max : UInt64(random.below(6))
    event.caller_tid = tid()
    event.target_tid = tid()
    event.container = random.chance(5) ? .max : UInt32(random.below(6))
    event.result = random.chance(5) ? random.pick([-16, -3, 1, .min]) : 0
    event.members = random.chance(5) ? .max : UInt32(random.below(6))
    event.flags = UInt16(random.below(32)) | (random.chance(80) ? 5 : 0)
    if random.chance(80) { event.flags &= ~16 }
    return event
  }

  private mutating func kept() -> nst_kept {
    var event = nst_kept()
    event.hdr = header()
    event.contid_high = random.chance(5) ? .max : UInt64(random.below(2))
    event.contid_low = random.chance(5) ? .max : UInt64(random.below(6))
    event.registered_ns = now
    (event.owners.0, event.owners.1) = (id(), id())
    (event.caller_tid, event.target_tid) = (tid(), tid())
    event.container = UInt32(random.below(8))
    event.members = random.chance(5) ? .max : UInt32(random.below(6))
    return event
  }

  private mutating func keptSession() -> nst_kept_session {
    var event = nst_kept_session()
    event.hdr = header()
    (event.began_ns, event.session, event.opid) = (now / 2, UInt32(random.below(5)), tid())
    let halves = (0..<8).map { _ in random.chance(5) ? UInt64.max : UInt64(random.below(6)) }
    withUnsafeMutableBytes(of: &event.contids) { place in
      halves.withUnsafeBytes { place.copyMemory(from: $0) }
    }
    event.containers = random.chance(5) ? .max : UInt16(random.below(4))
    (event.tid, event.tgid, event.auid) = (UInt32(random.below(4)), tid(), UInt32(random.below(3)))
    (event.op, event.kinds) = (UInt16(random.below(8)), UInt16(random.below(1 << 9)))
    (event.flags, event.exe_flags) = (UInt16(random.below(4)), UInt16(random.below(4)))
    return event
  }

  private mutating func inside() -> nst_inside {
    var event = nst_inside(hdr: header(), tgid: tid(), session: 0, slots: 0, pad: 0)
    if random.chance(50) { event.tgid = UInt32(random.below(3)) }
    event.session = UInt32(random.below(5))
    event.slots = random.chance(20) ? .max : UInt32(random.below(1 << 11))
    return event
  }

  private mutating func cgroupID() -> UInt64 { UInt64(random.below(5)) }

  private mutating func cgroup() -> nst_cgroup {
    var event = nst_cgroup()
    (event.hdr, event.id) = (header(), cgroupID())
    event.hdr.flags = random.chance(25) ? UInt16(NST_FLAG_REMOVED) : 0
    event.hierarchy = random.chance(70) ? 0 : 4
    event.delegated = UInt16(random.below(4))
    return event
  }

  /// A path with nested containers, or with none.
  private mutating func path() -> [UInt8] {
    let names = (0..<random.below(4)).map { _ in "/lxc.payload.\(random.below(3))" }
    return Array((names.isEmpty ? "/x" : names.joined()).utf8)
  }

  private mutating func attach() -> nst_attach {
    var event = nst_attach()
    (event.hdr, event.subject, event.task) = (header(), subject(), id())
    event.cgroup_id = cgroupID()
    if random.chance(50) { (event.hierarchy, event.v1_cgroup_id) = (4, cgroupID()) }
    if random.chance(30) {
      event.hdr.flags |= UInt16(NST_FLAG_PROCESS)
      event.moved = event.hierarchy
    }
    return event
  }

  private mutating func freed() -> nst_freed {
    nst_freed(hdr: header(), inum: UInt32(random.below(4)), pad: 0)
  }

  private mutating func pinned() -> nst_pinned {
    let flag = random.chance(10) ? .max : random.pick(NamespaceKind.allCases).cloneFlag
    return nst_pinned(
      hdr: header(), id: UInt64(random.below(2)), inum: UInt32(random.below(4)),
      type: UInt32(truncatingIfNeeded: flag), answer: UInt32(random.below(4)), pad: 0)
  }

  private mutating func stain() -> nst_stain {
    var event = nst_stain()
    event.hdr = header()
    let flag = random.chance(10) ? .max : random.pick(NamespaceKind.allCases).cloneFlag
    (event.id, event.inum) = (UInt64(random.below(2)), UInt32(random.below(4)))
    event.type = UInt32(truncatingIfNeeded: flag)
    event.contid_high = random.chance(5) ? .max : UInt64(random.below(2))
    event.contid_low = random.chance(5) ? .max : UInt64(random.below(6))
    return event
  }

  private mutating func name() -> [UInt8] {
    random.chance(50) ? [] : Array("name \(random.below(3))".utf8)
  }

  private mutating func lost() -> nst_lost {
    nst_lost(
      hdr: header(), since_ns: random.next(), count: random.pick([0, 1, 7, .max]),
      kind: UInt16(random.below(9)), flags: UInt16(random.below(64)))
  }
}
