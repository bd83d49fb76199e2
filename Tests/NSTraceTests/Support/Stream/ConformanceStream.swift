// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace
@testable import NSTraceConformance

/// A stream with registrations, built step by step, and the verdicts on what is printed of it, or
/// on a changed copy of that.
///
/// It begins with a snapshot of the tasks 1, 2, 3 and 9 in the host's own namespaces, and of those that
/// are there besides. Task 9 registers.
struct ConformanceStream {
  typealias Step = @Sendable (inout ConformanceStream) -> Void

  private struct Task {
    var place = NamespacePlace.initial
    var number: UInt32 = 0
    /// Which of the tasks with its tid it is, from 0.
    var turn: UInt64 = 0
  }

  private var encoder = RecordEncoder()
  private var tasks: [UInt32: Task] = [:]
  /// How many tasks with each tid have ended.
  private var turns: [UInt32: UInt64] = [:]
  private var now: UInt64 = 0
  private var registrations: UInt32 = 0

  /// - Parameters:
  ///   - kept: what stands before the snapshot.
  ///   - others: tasks in it besides.
  init(kept: [Step] = [], others: [UInt32] = [], _ steps: [Step]) {
    encoder.append(
      nst_host.make(NamespacePlace.initial.wire), release: [], hostname: [], version: [])
    for step in kept { step(&self) }
    Self.snapshot(of: [1, 2, 3, 9] + others)(&self)
    for step in steps { step(&self) }
  }

  var bytes: [UInt8] { encoder.bytes }

  /// The verdict on a clause.
  /// - Parameter tamper: changes the events that each raw record has caused.
  func verdict(
    on clause: Clause, _ tamper: @escaping @Sendable (inout [AuditEvent]) -> Void = { _ in }
  ) throws -> Verdict? {
    try verdict(on: clause, by: .events(tamper))
  }

  /// The verdict on a clause with a fault around the tracker.
  func verdict(on clause: Clause, by fault: Fault) throws -> Verdict? {
    var trial = FaultyTrial(of: clause.position, fault)
    var decoder = EventDecoder()
    try RecordBatch(bytes).withBytes { (bytes) throws(WireError) in
      try decoder.decode(bytes, into: &trial)
    }
    return trial.verdicts[clause]
  }
}

// MARK: - Steps

extension ConformanceStream {
  static func snapshot(_ tids: UInt32...) -> Step { snapshot(of: tids) }

  static func snapshot(of tids: [UInt32]) -> Step {
    { stream in
      stream.encoder.appendSnapshotBegin(at: stream.tick())
      for tid in tids {
        var record = nst_task.make(
          stream.subject(tid), in: stream.task(tid).place.wire, at: stream.tick())
        record.container = stream.task(tid).number
        stream.encoder.append(record, exe: [])
      }
      stream.encoder.appendSnapshotEnd(tasks: UInt64(tids.count), at: stream.tick())
    }
  }

  /// Puts a task into namespaces without a record.
  static func found(_ tid: UInt32, _ inums: [NamespaceSlot: UInt32]) -> Step {
    { $0.tasks[tid] = Task(place: NamespacePlace.initial.with(inums)) }
  }

  /// A session that began before the stream did; without an ID the highest number.
  static func keptSession(_ number: UInt32, in id: ContainerID? = nil) -> Step {
    { stream in
      var record = nst_kept_session(at: stream.tick())
      (record.session, record.opid, record.tid, record.tgid) = (number, 900, 900, 900)
      (record.op, record.kinds) = (NST_OP_SETNS.rawValue, 1 << 5)
      if let id { (record.containers, record.contids.0, record.contids.1) = (1, id.high, id.low) }
      stream.encoder.append(record)
    }
  }

  static func inside(_ tgid: UInt32, _ session: UInt32, _ slot: NamespaceSlot) -> Step {
    { stream in
      var record = nst_inside(at: stream.tick())
      (record.tgid, record.session, record.slots) = (tgid, session, 1 << UInt32(slot.rawValue))
      stream.encoder.append(record)
    }
  }

  /// A namespace has had an ID since before the stream began.
  static func stain(_ kind: NamespaceKind, _ inum: UInt32, _ id: ContainerID) -> Step {
    { stream in
      var record = nst_stain(at: stream.tick())
      (record.inum, record.type) = (inum, UInt32(kind.cloneFlag))
      (record.contid_high, record.contid_low) = (id.high, id.low)
      stream.encoder.append(record)
    }
  }

  /// A walk for the users of a namespace finds a task there, whose call has not returned.
  static func census(_ tid: UInt32, _ inums: [NamespaceSlot: UInt32]) -> Step {
    { stream in
      let place = stream.task(tid).place.with(inums)
      var record = nst_task.make(stream.subject(tid), in: place.wire, at: stream.tick())
      record.hdr.flags |= UInt16(NST_FLAG_CENSUS)
      stream.encoder.append(record, exe: [])
    }
  }

  /// - Parameter number: the number that the child carries, if not the parent's.
  static func fork(_ parent: UInt32, _ child: UInt32, number: UInt32? = nil) -> Step {
    { stream in
      stream.bear(child, of: parent)
      var record = nst_fork.make(stream.id(child), of: parent, at: stream.tick())
      record.container = number ?? stream.task(parent).number
      stream.encoder.append(record)
    }
  }

  /// A walk finds the task's confinement after prctl(2).
  static func confined(_ tid: UInt32, hasNoNewPrivs: Bool, seccomp: UInt16) -> Step {
    { stream in
      var record = nst_confined(at: stream.tick())
      record.task = stream.id(tid)
      record.flags = hasNoNewPrivs ? UInt16(NST_SUBJECT_NO_NEW_PRIVS) : 0
      record.seccomp = seccomp
      stream.encoder.append(record)
    }
  }

  /// - Parameter believed: the number of the path's components that root has named, if not all.
  static func cgroup(_ id: UInt64, _ path: String, believed: UInt16? = nil) -> Step {
    { stream in
      var record = nst_cgroup(at: stream.tick())
      record.id = id
      record.delegated = believed.map { $0 + 1 } ?? 0
      record.path_bytes = UInt16(path.utf8.count)
      stream.encoder.append(record, tail: Array(path.utf8))
    }
  }

  /// Task 9 moves a task to a cgroup of v2.
  static func attach(_ tid: UInt32, _ cgroup: UInt64) -> Step {
    { stream in
      var record = nst_attach(at: stream.tick())
      (record.subject, record.task, record.cgroup_id) = (.make(9), stream.id(tid), cgroup)
      stream.encoder.append(record)
    }
  }

  /// A fork whose record was lost.
  static func lostFork(_ parent: UInt32, _ child: UInt32) -> Step {
    { stream in
      stream.bear(child, of: parent)
      stream.encoder.append(
        nst_lost.make(1, of: NST_KIND_FORK, since: stream.now, at: stream.tick()))
    }
  }

  /// Records of a share were held back.
  static func suppressed() -> Step {
    { stream in
      var record = nst_suppressed(at: stream.tick())
      record.kind = NST_KIND_SWITCH.rawValue
      record.count = 1
      stream.encoder.append(record)
    }
  }

  static func clone(_ parent: UInt32, _ child: UInt32, _ inums: [NamespaceSlot: UInt32]) -> Step {
    { stream in
      stream.bear(child, of: parent, in: inums)
      var record = nst_clone.make(
        stream.id(child), of: stream.subject(parent), in: stream.task(child).place.wire,
        at: stream.tick())
      record.call.container = stream.task(child).number
      stream.encoder.append(record, proctitle: [])
    }
  }

  static func unshare(
    _ tid: UInt32, _ inums: [NamespaceSlot: UInt32], cgroup: UInt64 = 77
  ) -> Step {
    move(tid, inums, NST_OP_UNSHARE, cgroup)
  }

  static func setns(_ tid: UInt32, _ inums: [NamespaceSlot: UInt32]) -> Step {
    move(tid, inums, NST_OP_SETNS, 77)
  }

  private static func move(
    _ tid: UInt32, _ inums: [NamespaceSlot: UInt32], _ op: nst_op, _ cgroup: UInt64
  ) -> Step {
    { stream in
      var task = stream.task(tid)
      task.place = task.place.with(inums)
      stream.tasks[tid] = task
      let flags = inums.keys.reduce(0) { $0 | $1.kind.cloneFlag }
      var record = nst_switch.make(
        stream.subject(tid), to: stream.task(tid).place.wire, call: .make(op, flags: flags),
        at: stream.tick())
      record.subject.cgroup_id = cgroup
      record.subject.seccomp = seccompFilter
      record.call.container = stream.task(tid).number
      stream.encoder.append(record, proctitle: [])
    }
  }

  static func exec(_ tid: UInt32, _ inums: [NamespaceSlot: UInt32]) -> Step {
    { stream in
      var task = stream.task(tid)
      task.place = task.place.with(inums)
      stream.tasks[tid] = task
      var record = nst_exec.make(stream.subject(tid), in: task.place.wire, at: stream.tick())
      record.subject.cgroup_id = 77
      record.call.container = task.number
      stream.encoder.append(record, exe: [], proctitle: [])
    }
  }

  /// The kernel side gives the task another number, without a record.
  static func numbered(_ tid: UInt32, _ number: UInt32) -> Step {
    { stream in
      var task = stream.task(tid)
      task.number = number
      stream.tasks[tid] = task
    }
  }

  static func refusedUnshare(_ tid: UInt32, _ kind: NamespaceKind) -> Step {
    { stream in
      stream.encoder.append(
        nst_switch.make(
          stream.subject(tid), to: stream.task(tid).place.wire,
          call: .make(flags: kind.cloneFlag, result: -1), at: stream.tick()),
        proctitle: [])
    }
  }

  static func exit(_ tid: UInt32) -> Step {
    { stream in
      stream.encoder.append(nst_exit.make(stream.id(tid), at: stream.tick()), subject: nil)
      stream.tasks[tid] = nil
      stream.turns[tid, default: 0] += 1
    }
  }

  /// - Parameters:
  ///   - others: the target's threads and descendants.
  ///   - isDone: whether the kernel side has given the number, which children then inherit.
  ///   - meanwhile: what happens between the walk over the family and the records of it.
  static func register(
    _ target: UInt32, as id: ContainerID, by caller: UInt32 = 9,
    flags: Int32 = NST_REGISTER_CAPABLE, others: [UInt32] = [], isDone: Bool = true,
    name: [UInt8] = [], meanwhile: [Step] = []
  ) -> Step {
    { stream in
      let members = ([target] + others).map { stream.member($0, isTarget: $0 == target) }
      for step in meanwhile { step(&stream) }
      for member in members { stream.encoder.append(member) }
      stream.registrations += 1
      var record = nst_register(at: stream.tick())
      record.contid_high = id.high
      record.contid_low = id.low
      record.caller_tid = caller
      record.target_tid = target
      record.container = isDone ? stream.registrations : 0
      record.members = UInt32(1 + others.count)
      record.flags = UInt16(flags)
      record.name_bytes = UInt16(name.count)
      stream.encoder.append(record, tail: name)
      guard isDone else { return }
      let reached = flags & NST_REGISTER_DESCENDANTS == 0 ? [members[0]] : members
      for member in reached where member.container == members[0].container {
        var task = stream.task(member.task.tid)
        guard stream.id(member.task.tid).start_ns == member.task.start_ns else { continue }
        task.number = record.container
        stream.tasks[member.task.tid] = task
      }
    }
  }

  private mutating func member(_ tid: UInt32, isTarget: Bool) -> nst_member {
    var member = nst_member(at: tick())
    member.task = id(tid)
    member.container = task(tid).number
    member.flags = UInt32(isTarget ? NST_MEMBER_TARGET : NST_MEMBER_DESCENDANT)
    return member
  }

  private mutating func bear(
    _ child: UInt32, of parent: UInt32, in inums: [NamespaceSlot: UInt32] = [:]
  ) {
    var born = task(parent)
    born.place = born.place.with(inums)
    born.turn = turns[child] ?? 0
    tasks[child] = born
  }

  private mutating func tick() -> UInt64 {
    now += 10
    return now + 100_000
  }

  private func task(_ tid: UInt32) -> Task { tasks[tid] ?? Task() }

  private func id(_ tid: UInt32) -> nst_task_id { subject(tid).task }

  private func subject(_ tid: UInt32) -> nst_subject {
    .make(tid, startNs: UInt64(tid) * 1000 + task(tid).turn)
  }
}

/// SECCOMP_MODE_FILTER.
private let seccompFilter: UInt16 = 2
