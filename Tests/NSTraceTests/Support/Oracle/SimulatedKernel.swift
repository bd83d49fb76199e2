// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace
@testable import NSTraceConformance

/// A kernel of a few dozen tasks that makes random calls, with nstrace's programs attached. Records
/// go into its ring or are lost, and what was last reported of each task is kept.
struct SimulatedKernel {
  struct Task {
    var startNs: UInt64
    var tgid: UInt32
    var place: NamespacePlace
    /// The set in task storage.
    var reported: NamespacePlace
    var exe: [UInt8]
    var exeFlags: UInt16 = 0
    /// The parent process.
    var parent: UInt32 = 0
    /// The number of its process's registration; 0: none.
    var number: UInt32 = 0
    var hasNoNewPrivs = false
    var seccomp: UInt16 = 0
  }

  var random: RandomStream
  private(set) var tasks: [UInt32: Task] = [:]
  /// Records that are not read yet.
  private(set) var ring: [RawRecord] = []
  /// Lost records by kind, since last taken.
  private(set) var lost: [UInt16: UInt32] = [:]
  private(set) var lostSinceNs: UInt64 = 0
  /// How many of 100 records are lost.
  var lossPercent = 0
  /// Whether a walk is under way. New tids are then beyond all others. The walk could miss a child
  /// with a lower tid, which is then never reported if its parent is not known and moves on.
  var isWalking = false

  private let hasIDs: Bool
  /// No process can register before a tracer is attached.
  private var isAttached = false
  private(set) var now: UInt64 = 1_000
  /// The tids of the tasks, each as often as it may be chosen.
  private var tids: [UInt32] = []
  private var leaders: [UInt32: UInt64] = [:]
  private var members: [UInt32: Set<UInt32>] = [:]
  private var lastTid: UInt32 = 1
  private var users: [NamespaceID: Int] = [:]
  private var pinned: [NamespaceID] = []
  private var freeInums: [UInt32] = []
  private var lastInum: UInt32 = 100
  private var lastID: UInt64 = 0
  /// By number less one.
  private var registrations: [(id: ContainerID, caller: UInt32, callerStartNs: UInt64)] = []

  init(seed: UInt64, hasIDs: Bool) {
    random = RandomStream(seed: seed)
    self.hasIDs = hasIDs
    add(1, Task(startNs: 1, tgid: 1, place: .initial, reported: .initial, exe: []))
    for _ in 0..<30 { step() }
    ring = []
    isAttached = true
  }

  /// Makes one random step.
  mutating func step() {
    now += UInt64(random.below(5)) + 1
    let crowd = tids.count > 40 ? 15 : 0
    switch random.below(100) {
    case 0..<32 - crowd: bear(by: pick(), isThread: random.chance(30))
    case 32 - crowd..<45: if tids.count > 3 { exit(pick()) }
    case 45..<55: cloneNew(by: pick())
    case 55..<66: unshare(pick())
    case 66..<76: setns(pick())
    case 76..<80: refuse(pick())
    case 80..<90: exec(pick())
    case 90, 91: moveSilently(pick())
    case 92: confine(pick())
    case 93: pin(pick())
    case 94: tasks[pick()]?.exeFlags |= UInt16(NST_EXE_DELETED)
    case 95..<98:
      if lossPercent == 0, isAttached { register(task(pick()).tgid, by: task(pick()).tgid) }
    default: if !pinned.isEmpty { unpin() }
    }
  }

  mutating func takeRing() -> [RawRecord] {
    defer { ring = [] }
    return ring
  }

  mutating func takeLost() -> [RawRecord] {
    defer { (lost, lostSinceNs) = ([:], 0) }
    return lost.keys.sorted().map { kind in
      .lost(
        nst_lost(
          hdr: header(), since_ns: lostSinceNs, count: lost[kind] ?? 0, kind: kind, flags: 0))
    }
  }

  /// The next task of a walk, with a tid above `tid`.
  mutating func see(after tid: UInt32) -> (tid: UInt32, event: RawRecord)? {
    guard let next = tasks.keys.filter({ $0 > tid }).min() else { return nil }
    now += 1
    let event = record(of: next, flags: 0)
    noteReported(next)
    return (next, event)
  }

  func header(flags: UInt16 = 0) -> nst_header {
    nst_header(kind: 0, flags: flags, size: 0, time_ns: now)
  }
}

// MARK: - Tasks

extension SimulatedKernel {
  private mutating func pick() -> UInt32 { random.pick(tids) }

  private func task(_ tid: UInt32) -> Task {
    guard let task = tasks[tid] else { preconditionFailure("task \(tid) does not live") }
    return task
  }

  private mutating func newTid() -> UInt32 {
    if isWalking { lastTid = max(lastTid, tasks.keys.max() ?? 1) }
    repeat {
      lastTid = lastTid > 300 && !isWalking ? 2 : lastTid + 1
    } while tasks[lastTid] != nil || leaders[lastTid] != nil
    return lastTid
  }

  private mutating func add(_ tid: UInt32, _ task: Task) {
    tasks[tid] = task
    tids.append(tid)
    if leaders[task.tgid] == nil { leaders[task.tgid] = task.startNs }
    members[task.tgid, default: []].insert(tid)
    hold(task.place)
  }

  private mutating func remove(_ tid: UInt32) {
    let task = task(tid)
    release(task.place)
    tasks[tid] = nil
    tids.removeAll { $0 == tid }
    members[task.tgid]?.remove(tid)
    // The leader's tid is free only once its last thread has ended.
    if members[task.tgid]?.isEmpty == true {
      (members[task.tgid], leaders[task.tgid]) = (nil, nil)
    }
  }

  /// prctl(2) or seccomp(2), without a record.
  private mutating func confine(_ tid: UInt32) {
    if random.chance(50) {
      tasks[tid]?.hasNoNewPrivs = true
    } else if task(tid).seccomp == 0 {
      tasks[tid]?.seccomp = random.pick([1, 2])
    }
  }

  private mutating func bear(by parent: UInt32, isThread: Bool) {
    reveal(parent)
    let mother = task(parent)
    let isThread = isThread && mother.place[.pid] == mother.place[.pidChildren]
    let tid = newTid()
    var child = mother
    child.startNs = now
    if !isThread {
      child.tgid = tid
      child.parent = mother.tgid
      child.place[.pid] = child.place[.pidChildren]
      child.place[.time] = child.place[.timeChildren]
    }
    add(tid, child)
    if child.place == mother.place {
      let id = id(tid)
      emit(
        NST_KIND_FORK,
        .fork(
          nst_fork(
            hdr: header(flags: forkFlags(of: child)), child: id, parent_tid: parent,
            container: child.number)))
    } else {
      report(birth: tid, by: parent, flags: 0)
    }
  }

  private mutating func cloneNew(by parent: UInt32) {
    reveal(parent)
    let tid = newTid()
    var child = task(parent)
    (child.startNs, child.tgid, child.parent) = (now, tid, child.tgid)
    let kinds = someKinds()
    for kind in kinds {
      let namespace = newNamespace(kind)
      for slot in NamespaceSlot.allCases where slot.kind == kind { child.place[slot] = namespace }
    }
    if !kinds.contains(.pid) { child.place[.pid] = child.place[.pidChildren] }
    if !kinds.contains(.time) { child.place[.time] = child.place[.timeChildren] }
    add(tid, child)
    report(birth: tid, by: parent, flags: kinds.reduce(0) { $0 | $1.cloneFlag })
  }

  private mutating func report(birth tid: UInt32, by parent: UInt32, flags: UInt64) {
    var event = nst_clone()
    event.hdr = header()
    event.subject = subject(parent)
    event.child = id(tid)
    event.set = task(tid).place.wire
    event.call.op = random.pick([NST_OP_CLONE, NST_OP_CLONE3]).rawValue
    event.call.flags = flags
    event.call.container = task(tid).number
    // Without storage the task counts as reported in the host's own set.
    tasks[tid]?.reported = .initial
    if emit(NST_KIND_CLONE, .clone(event)) { noteReported(tid) }
  }

  private mutating func exit(_ tid: UInt32) {
    reveal(tid)
    now += 1
    let subject = random.chance(50) ? subject(tid) : nil
    emit(NST_KIND_EXIT, .exit(nst_exit(hdr: header(), task: id(tid)), subject))
    remove(tid)
  }

  private mutating func exec(_ tid: UInt32) {
    let leader = task(tid).tgid
    let start = leaders[leader] ?? 0
    // All other threads end first. The caller takes the leader's tid and start time.
    for other in (members[leader] ?? []).sorted() where other != tid { exit(other) }
    var task = task(tid)
    task.place[.time] = task.place[.timeChildren]
    // The caller keeps its namespaces, so none of them ends in between.
    hold(task.place)
    remove(tid)
    task.startNs = start
    task.exe = Array("/bin/\(random.below(9))".utf8)
    task.exeFlags = UInt16(random.below(4))
    add(leader, task)
    release(task.place)
    now += 1
    var event = nst_exec()
    event.hdr = header()
    event.subject = subject(leader)
    event.call.op = NST_OP_EXEC.rawValue
    event.set = task.place.wire
    event.call.container = task.number
    event.old_tid = tid
    event.exe_flags = task.exeFlags
    if emit(NST_KIND_EXEC, .exec(event, exe: task.exe)) { tasks[leader]?.reported = task.place }
  }
}

// MARK: - Namespaces

extension SimulatedKernel {
  private mutating func hold(_ place: NamespacePlace) {
    for id in Set(place.ids) { users[id, default: 0] += 1 }
  }

  private mutating func release(_ place: NamespacePlace) {
    for slot in NamespaceSlot.allCases {
      let id = place[slot]
      guard place.ids.firstIndex(of: id) == slot.rawValue, let count = users[id] else { continue }
      users[id] = count == 1 ? nil : count - 1
      if count == 1, !pinned.contains(id) { free(id) }
    }
  }

  private mutating func free(_ id: NamespaceID) {
    if id.inum > 100 { freeInums.append(id.inum) }
  }

  private mutating func pin(_ tid: UInt32) {
    let id = random.pick(task(tid).place.ids)
    if !pinned.contains(id) { pinned.append(id) }
  }

  private mutating func unpin() {
    let id = pinned.remove(at: random.below(pinned.count))
    if users[id] == nil { free(id) }
  }

  private mutating func newNamespace(_ kind: NamespaceKind) -> NamespaceID {
    lastID += 1
    if freeInums.isEmpty {
      lastInum += 1
      freeInums = [lastInum]
    }
    return NamespaceID(kind: kind, inum: freeInums.removeLast(), nsid: hasIDs ? lastID : 0)
  }

  private mutating func someKinds() -> [NamespaceKind] {
    let mask = UInt8(truncatingIfNeeded: random.next() & random.next() & random.next())
    let kinds = NamespaceKind.allCases.filter { mask >> $0.rawValue & 1 != 0 }
    return kinds.isEmpty ? [random.pick(NamespaceKind.allCases)] : kinds
  }

  private mutating func place(_ tid: UInt32, at place: NamespacePlace) {
    let old = task(tid).place
    hold(place)
    tasks[tid]?.place = place
    release(old)
  }

  private mutating func unshare(_ tid: UInt32) {
    let kinds = someKinds()
    var place = task(tid).place
    for kind in kinds { place[.movedByCall(kind)] = newNamespace(kind) }
    self.place(tid, at: place)
    report(NST_OP_UNSHARE, tid, flags: kinds.reduce(0) { $0 | $1.cloneFlag })
  }

  private mutating func setns(_ tid: UInt32) {
    var place = task(tid).place
    let target = pinned.isEmpty || random.chance(50) ? task(pick()).place.ids : pinned
    for id in target where random.chance(30) { place[.movedByCall(id.kind)] = id }
    self.place(tid, at: place)
    report(NST_OP_SETNS, tid, flags: 0)
  }

  private mutating func refuse(_ tid: UInt32) {
    let op = random.pick([NST_OP_CLONE, NST_OP_CLONE3, NST_OP_UNSHARE, NST_OP_SETNS])
    let kinds = op == NST_OP_SETNS && random.chance(50) ? [] : someKinds()
    report(op, tid, flags: kinds.reduce(0) { $0 | $1.cloneFlag }, result: -1)
  }

  private mutating func report(_ op: nst_op, _ tid: UInt32, flags: UInt64, result: Int64 = 0) {
    var event = nst_switch()
    event.hdr = header()
    event.subject = subject(tid)
    (event.call.op, event.call.flags, event.call.result) = (op.rawValue, flags, result)
    event.set = task(tid).place.wire
    event.call.container = task(tid).number
    if emit(NST_KIND_SWITCH, .switchNamespaces(event)) { noteReported(tid) }
  }

  /// A compat call, which no hook sees.
  private mutating func moveSilently(_ tid: UInt32) {
    var place = task(tid).place
    place[.uts] = random.chance(50) ? newNamespace(.uts) : task(pick()).place[.uts]
    self.place(tid, at: place)
  }
}

// MARK: - Containers

extension SimulatedKernel {
  /// The ID that a task carries.
  func contid(of tid: UInt32) -> ContainerID? { id(ofNumber: task(tid).number) }

  private func id(ofNumber number: UInt32) -> ContainerID? {
    number == 0 ? nil : registrations[Int(number) - 1].id
  }

  /// A process asks to make another the first of a container, or to add it to a container of its
  /// own.
  private mutating func register(_ target: UInt32, by caller: UInt32) {
    var family = threads(of: target) + descendants(of: target)
    family.removeAll { $0 == target }
    let reachesAll = random.chance(60)
    let isCapable = random.chance(85)
    let previous = tasks[target]?.number ?? 0
    let isRefused =
      tasks[target] == nil || !isCapable || previous != 0 || caller == target
      || family.contains { $0 == caller || task($0).tgid == caller }
      || !reachesAll && !family.isEmpty
    var record = nst_register()
    (record.caller_tid, record.target_tid) = (caller, target)
    let id = idForMore(of: caller)
    (record.contid_high, record.contid_low) = (id.high, id.low)
    record.flags = UInt16(
      (isCapable ? NST_REGISTER_CAPABLE : 0) | (reachesAll ? NST_REGISTER_DESCENDANTS : 0))
    let found = (tasks[target] == nil ? [] : [target]) + family
    record.members = UInt32(found.count)
    for tid in found { ring.append(.member(member(tid, isTarget: tid == target))) }
    if !isRefused {
      registrations.append((id, caller, tasks[caller]?.startNs ?? 0))
      record.container = UInt32(registrations.count)
      for tid in found where task(tid).number == previous {
        tasks[tid]?.number = record.container
      }
    }
    record.hdr = header()
    ring.append(.register(record, name: random.chance(50) ? [] : Array("\(id)".utf8)))
  }

  /// Now and then the ID of a container with tasks that the caller has registered.
  private mutating func idForMore(of caller: UInt32) -> ContainerID {
    let own = tasks.values.compactMap { task in
      let registration = task.number == 0 ? nil : registrations[Int(task.number) - 1]
      return registration.flatMap {
        $0.caller == caller && $0.callerStartNs == tasks[caller]?.startNs ? $0.id : nil
      }
    }
    if let id = own.min(), isLastOwner(caller, of: id), random.chance(50) { return id }
    return ContainerID(high: 0, low: UInt64(registrations.count) + 1)
  }

  private func isLastOwner(_ caller: UInt32, of id: ContainerID) -> Bool {
    let last = registrations.last { $0.id == id }
    return last?.caller == caller && last?.callerStartNs == tasks[caller]?.startNs
  }

  private func threads(of tgid: UInt32) -> [UInt32] { (members[tgid] ?? []).sorted() }

  private func descendants(of tgid: UInt32) -> [UInt32] {
    var found: Set<UInt32> = [tgid]
    var next = [tgid]
    while let parent = next.popLast() {
      for task in tasks.values where task.parent == parent && found.insert(task.tgid).inserted {
        next.append(task.tgid)
      }
    }
    return found.subtracting([tgid]).sorted().flatMap(threads)
  }

  private func member(_ tid: UInt32, isTarget: Bool) -> nst_member {
    nst_member(
      hdr: header(), task: id(tid), container: task(tid).number,
      flags: UInt32(isTarget ? NST_MEMBER_TARGET : NST_MEMBER_DESCENDANT))
  }
}

// MARK: - Records

extension SimulatedKernel {
  private func id(_ tid: UInt32) -> nst_task_id {
    nst_task_id(start_ns: task(tid).startNs, tid: tid, tgid: task(tid).tgid)
  }

  private func subject(_ tid: UInt32) -> nst_subject {
    var subject = nst_subject()
    subject.task = id(tid)
    if task(tid).exeFlags & UInt16(NST_EXE_DELETED) != 0 {
      subject.flags = UInt16(NST_SUBJECT_EXE_DELETED)
    }
    if task(tid).hasNoNewPrivs { subject.flags |= UInt16(NST_SUBJECT_NO_NEW_PRIVS) }
    subject.seccomp = task(tid).seccomp
    // Half of the tasks may ask for registrations.
    if tid % 2 == 0 { subject.flags |= UInt16(NST_SUBJECT_AUDIT_CONTROL) }
    return subject
  }

  private func forkFlags(of child: Task) -> UInt16 {
    UInt16(NST_FLAG_CONFINEMENT) | (child.hasNoNewPrivs ? UInt16(NST_FLAG_NO_NEW_PRIVS) : 0)
      | child.seccomp << UInt16(NST_FLAG_SECCOMP_SHIFT)
  }

  private func record(of tid: UInt32, flags: Int32) -> RawRecord {
    var event = nst_task()
    event.hdr = header(flags: UInt16(flags))
    event.subject = subject(tid)
    event.set = task(tid).place.wire
    event.container = task(tid).number
    event.exe_flags = task(tid).exeFlags
    return .task(event, exe: task(tid).exe)
  }

  private mutating func reveal(_ tid: UInt32) {
    guard task(tid).reported != task(tid).place else { return }
    if emit(NST_KIND_TASK, record(of: tid, flags: NST_FLAG_LATE)) {
      noteReported(tid)
    }
    now += 1
  }

  private mutating func noteReported(_ tid: UInt32) {
    let place = task(tid).place
    tasks[tid]?.reported = place
  }

  @discardableResult
  private mutating func emit(_ kind: nst_kind, _ event: RawRecord) -> Bool {
    guard random.chance(lossPercent) else {
      ring.append(event)
      return true
    }
    lost[kind.rawValue, default: 0] += 1
    if lostSinceNs == 0 { lostSinceNs = now }
    return false
  }
}
