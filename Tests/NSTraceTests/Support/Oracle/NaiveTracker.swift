// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace
@testable import NSTraceConformance

/// The oracle: what the tracker should write, by dictionaries and sets of tasks, with no sharing
/// and no counters. It follows the contract of the records rule by rule, slowly and plainly.
struct NaiveTracker: EventHandler {
  struct Program {
    var path: [UInt8] = []
    var marks: ProgramMarks = []
    /// The last subject with the program. The program is inherited with it.
    var subject: nst_subject?

    /// The program after a record that does not have its path. A deleted file stays deleted.
    func seen(_ subject: nst_subject?) -> Program {
      guard let subject else { return self }
      var program = self
      program.subject = subject
      if Int32(subject.flags) & NST_SUBJECT_EXE_DELETED != 0 { program.marks.insert(.deleted) }
      return program
    }
  }

  struct Task {
    var startNs: UInt64
    var tgid: UInt32
    /// The task's namespaces; nil: not known.
    var place: NamespacePlace?
    /// The slots whose namespaces the task has left, unreported so far, because the number is
    /// another namespace's now.
    var gone: Set<NamespaceSlot> = []
    /// The slots whose namespaces the task, or an ancestor of it, entered by a granted setns.
    var entered: Set<NamespaceSlot> = []
    /// The time of the record that gave the namespaces.
    var toldNs: UInt64
    /// Whether the namespaces before `toldNs` were others.
    var hasMoved = false
    /// Nil: only the task's number is known.
    var program: Program?
    /// The process that forked the task.
    var forker: UInt32 = 0
    var snapshot: Int
    /// The walk that last reported the namespaces; nil: a record of the task's own has since.
    var seen: Int?
    /// The number of the registration that the kernel side carries for the task; 0: none.
    var number: UInt32 = 0
    /// R5: the ID that the task carries. If its namespaces are not known, the ID of its number's
    /// registration.
    var contid: ContainerID?
    /// T4: the session of a task that entered a container's namespace from outside, or of its
    /// descendant.
    var session: Session?
    /// The slots by which it is inside.
    var inside: Set<NamespaceSlot> = []
    /// The confinement; nil: not known.
    var stance: Stance?
    /// The task's cgroups; nil: only the task's number is known.
    var home: CgroupHome?
  }

  var tasks: [UInt32: Task] = [:]
  /// The tasks that use each namespace in use.
  var users: [NamespaceID: Set<UInt32>] = [:]
  /// Namespaces with a FREED: all tasks in them have left, unreported so far.
  var freed: Set<NamespaceID> = []
  /// Namespaces in use that are recorded as created by a task that only entered them.
  var unexplained: Set<NamespaceID> = []
  /// R8: the containers that use each namespace, in the order in which they came to it.
  var lists: [NamespaceID: [Use]] = [:]
  /// T2: nil under the policy `rfc`.
  var dye: Dye?
  /// The containers of tasks with known namespaces.
  var containers: [ContainerID: Container] = [:]
  /// The containers that were registered before the stream began.
  var kept: [ContainerID: Kept] = [:]
  /// By number: the container of a task that is seen late.
  var registrations: [UInt32: (id: ContainerID, name: [UInt8])] = [:]
  /// The MEMBER records since the last registration, in their order.
  var members: [nst_member] = []
  /// The sessions that began before the stream did, and what processes were inside.
  var keptSessions: [UInt32: (record: nst_kept_session, exe: [UInt8])] = [:]
  var keptInside: [UInt32: nst_inside] = [:]
  var keptReadNs: UInt64 = 0
  /// The number of the last container session.
  var sessions: UInt32 = 0
  /// The sessions that have begun and not ended.
  var living: [Session] = []
  /// The names of the containers that sessions are inside. They may have ended.
  var visited: [ContainerID: [UInt8]] = [:]
  /// CONTAINER_SESSION records to be written with the next event.
  var passages: [SessionRecord] = []
  /// The host's own namespaces.
  var initial: Set<NamespaceID> = []
  /// The events since this was last emptied.
  var events: [ObservedEvent] = []
  /// L1: the cgroups with tasks, and what was last recorded as true of all of them.
  var cgroups: [CgroupID: Stance] = [:]
  var names = CgroupNames()
  var entrances = CgroupEntrances()
  /// L4: CONTAINER_OP op=update records to be written with the next event.
  var updates: [ContainerRecord] = []
  private(set) var isFollowing = false

  private(set) var snapshots = 0
  private var snapshotBeganNs: UInt64 = 0
  /// Whether a walk is under way.
  private(set) var isWalking = false
  private var clockOffset: Int64 = 0
  private var lostSinceNs: UInt64 = 0
  private var lostCount: UInt64 = 0
  private var serial: UInt64 = 0

  /// Under the policy `rfc`, or `write-once`.
  init(isWriteOnce: Bool = false) { dye = isWriteOnce ? Dye() : nil }
}

// MARK: - Births and ends

extension NaiveTracker {
  mutating func fork(_ event: nst_fork) {
    guard makeRoom(for: event.child, at: event.hdr.time_ns) else { return }
    var child = newcomer(event.child, at: event.hdr.time_ns)
    child.stance = Stance(fork: event.hdr.flags)
    if let parent = tasks[event.parent_tid], parent.startNs <= event.hdr.time_ns {
      confine(event.parent_tid, child.stance, at: event.hdr.time_ns)
    }
    var isApart = false
    if let parent = tasks[event.parent_tid], parent.startNs <= event.hdr.time_ns {
      child.place = parent.place(at: event.hdr.time_ns)
      child.program = parent.program
      child.home = parent.home
      child.forker = parent.tgid
      if child.stance == nil { child.stance = parent.stance }
      if child.place != nil {
        (child.contid, child.session) = (parent.contid, parent.session)
        (child.gone, child.entered, child.inside) = (parent.gone, parent.entered, parent.inside)
      }
      // Numbers are inherited, so the parent with that tid is another task.
      let isKnown = event.container == 0 || registrations[event.container] != nil
      if child.place != nil, parent.number != event.container, isKnown {
        let own = container(of: event.container)
        isApart = own != child.contid
        if isApart { (child.contid, child.session, child.inside) = (own, nil, []) }
      }
    }
    child.number = event.container
    let before = isApart ? lists : nil
    use(child.held, by: event.child.tid, in: child.contid)
    tasks[event.child.tid] = child
    noteStances(opid: event.child.tid)
    if let before {
      let records = assignments(since: before, told: [], opid: event.child.tid)
      say(records, at: event.hdr.time_ns, actor: nil, nil, nil)
    }
    sayStances(of: event.child.tid, at: event.hdr.time_ns)
    guard let attach = entrances.take(event.child), child.home != nil else { return }
    tasks[event.child.tid]?.home = CgroupHome(attach, inheriting: child.home)
    sayStances(of: event.child.tid, by: attach)
  }

  mutating func clone(_ event: nst_clone, proctitle: RawSpan) {
    let time = event.hdr.time_ns
    guard makeRoom(for: event.child, at: event.hdr.time_ns) else { return }
    if isKnown(event.subject.task) {
      let program = (tasks[event.subject.task.tid]?.program ?? Program()).seen(event.subject)
      tasks[event.subject.task.tid]?.program = program
      tell(event.subject, at: time)
    }
    let place = NamespacePlace(event.set)
    var changes = changes(to: place, from: parent(of: event))
    changes.makeAll(event.call)
    endOthers(of: place, changes, at: time)
    let parent = parent(of: event)
    // A namespace that has just ended is not the one that the child has under its number.
    changes = self.changes(to: place, from: parent)
    changes.makeAll(event.call)
    let before = lists
    var child = newcomer(event.child, at: time)
    (child.number, child.place) = (event.call.container, place)
    child.forker = event.subject.task.tgid
    child.stance = Stance(event.subject)
    child.program = isKnown(event.subject.task) ? tasks[event.subject.task.tid]?.program : nil
    let home = isKnown(event.subject.task) ? tasks[event.subject.task.tid]?.home : nil
    let entrance = entrances.take(event.child).map { CgroupHome($0, inheriting: home) }
    if isKnown(event.subject.task) { child.home = entrance ?? home }
    (child.contid, child.session) = (parent?.contid, parent?.session)
    child.inside = parent?.inside ?? []
    if parent == nil { child.contid = container(of: child.number) }
    let op: NSTrace.Operation = event.call.op == NST_OP_CLONE3.rawValue ? .clone3 : .clone
    washRenewed(place, changes) { _ in op }
    let program = child.program ?? Program().seen(event.subject)
    moveSession(
      of: &child, event.child.tid, entering: changes, by: event.subject, program
    ) { _ in op }
    var records = arrivals(of: event.child.tid, as: child, changes, from: parent) { _ in op }
    child.entered = entered(place, changes, from: parent) { _ in op }
    use(child.held, by: event.child.tid, in: child.contid)
    tasks[event.child.tid] = child
    records += assignments(since: before, told: records, opid: event.child.tid)
    noteStances(opid: event.child.tid)
    noteCgroups(opid: event.child.tid)
    let actor = isKnown(event.subject.task) ? tasks[event.subject.task.tid]?.session : nil
    say(records, at: time, actor: event.subject.task.tid, program, actor)
  }

  /// The task whose set the child would have; nil: its namespaces are not known.
  private func parent(of event: nst_clone) -> Task? {
    guard isKnown(event.subject.task), let parent = tasks[event.subject.task.tid],
      parent.place(at: event.hdr.time_ns) != nil
    else { return nil }
    return parent
  }

  mutating func exit(_ event: nst_exit, subject: nst_subject?) {
    // An exit from before the task was last seen is that of a leader whose tid exec gave to a
    // thread.
    guard isKnown(event.task), let task = tasks[event.task.tid], task.toldNs <= event.hdr.time_ns
    else { return }
    end(event.task.tid, .exit, at: event.hdr.time_ns, actor: subject)
  }

  /// Whether a task can be born: its tid is possible, and neither it nor a later owner of the tid
  /// exists.
  private mutating func makeRoom(for id: nst_task_id, at time: UInt64) -> Bool {
    guard id.tid > 0, id.tid < 4_194_304 else { return false }
    guard let there = tasks[id.tid] else { return true }
    if there.startNs == id.start_ns { tasks[id.tid]?.snapshot = snapshots }
    if there.startNs >= id.start_ns { return false }
    end(id.tid, .late, at: time)
    return true
  }

  private func newcomer(_ id: nst_task_id, at time: UInt64) -> Task {
    Task(startNs: id.start_ns, tgid: id.tgid, toldNs: time, snapshot: snapshots)
  }

  func isKnown(_ id: nst_task_id) -> Bool {
    tasks[id.tid].map { $0.startNs == id.start_ns } ?? false
  }

  private mutating func end(
    _ tid: UInt32, _ op: NSTrace.Operation, at time: UInt64, actor: nst_subject? = nil
  ) {
    guard let task = tasks.removeValue(forKey: tid) else { return }
    let before = lists
    var records = departures(of: tid, as: task, from: task.held) { _ in op }
    records += assignments(since: before, told: records, opid: tid)
    noteStances(opid: tid)
    noteCgroups(opid: tid)
    endSessions(opid: tid, SessionRecord.Way(op))
    let number = actor?.task.tid ?? (task.program == nil ? nil : tid)
    say(
      records, drop(task.place == nil ? nil : task.contid, opid: tid), at: time, actor: number,
      (task.program ?? Program()).seen(actor), task.session)
  }
}

// MARK: - Moves

extension NaiveTracker {
  mutating func task(_ event: nst_task, exe: RawSpan) {
    let (id, time) = (event.subject.task, event.hdr.time_ns)
    let isNew = !isKnown(id)
    if isNew {
      guard makeRoom(for: id, at: event.hdr.time_ns) else { return }
      tasks[id.tid] = newcomer(id, at: time)
    }
    tasks[id.tid]?.snapshot = snapshots
    guard let told = tasks[id.tid]?.toldNs, told <= time else { return }
    tasks[id.tid]?.number = event.container
    let op: NSTrace.Operation = event.hdr.flags & UInt16(NST_FLAG_LATE) != 0 ? .late : .resync
    // At its exit a task cannot report its program any more, so it keeps the one that it had.
    let own = Program(path: [UInt8](exe), marks: Self.marks(event.exe_flags))
    let program = (exe.byteCount > 0 ? own : tasks[id.tid]?.program ?? Program()).seen(
      event.subject)
    tasks[id.tid]?.program = program
    tell(event.subject, at: time)
    if !isNew { tasks[id.tid]?.home?.hear(event) }
    let records = move(id.tid, to: NamespacePlace(event.set), at: time, by: event.subject) { _ in
      op
    }
    noteStances(opid: id.tid)
    noteCgroups(opid: id.tid)
    if op == .resync { tasks[id.tid]?.seen = snapshots }
    say(records, at: time, by: event.subject, program)
  }

  mutating func switchNamespaces(_ event: nst_switch, proctitle: RawSpan) {
    let (id, time) = (event.subject.task, event.hdr.time_ns)
    guard find(id, at: time, number: event.call.container) else { return }
    let program = (tasks[id.tid]?.program ?? Program()).seen(event.subject)
    tasks[id.tid]?.program = program
    tell(event.subject, at: time)
    var records: [NamespaceRecord] = []
    if event.call.result < 0 { records = refusals(event.call, id.tid) }
    records += moveUnlessOvertaken(
      id.tid, to: event.set, at: time, by: event.subject, making: event.call
    ) { slot in
      guard event.call.result >= 0 else { return .late }
      switch nst_op(rawValue: event.call.op) {
      case NST_OP_SETNS: return .setns
      case NST_OP_UNSHARE:
        return event.call.flags & slot.kind.cloneFlag != 0 ? .unshare : .late
      default: return .late
      }
    }
    noteStances(opid: id.tid)
    noteCgroups(opid: id.tid)
    say(records, at: time, by: event.subject, program)
  }

  mutating func exec(_ event: nst_exec, exe: RawSpan, proctitle: RawSpan) {
    let (id, time) = (event.subject.task, event.hdr.time_ns)
    if event.old_tid != id.tid { becomeLeader(event.old_tid, id, at: time) }
    guard find(id, at: time, number: event.call.container) else { return }
    let program = Program(path: [UInt8](exe), marks: Self.marks(event.exe_flags)).seen(
      event.subject)
    tasks[id.tid]?.program = program
    tell(event.subject, at: time)
    let records = moveUnlessOvertaken(id.tid, to: event.set, at: time, by: event.subject) {
      $0.kind == .time ? .exec : .late
    }
    noteStances(opid: id.tid)
    noteCgroups(opid: id.tid)
    say(records, at: time, by: event.subject, program)
  }

  private static func marks(_ flags: UInt16) -> ProgramMarks {
    var marks: ProgramMarks = []
    if Int32(flags) & NST_EXE_DELETED != 0 { marks.insert(.deleted) }
    if Int32(flags) & NST_EXE_CUT != 0 { marks.insert(.cut) }
    return marks
  }

  private mutating func becomeLeader(_ tid: UInt32, _ leader: nst_task_id, at time: UInt64) {
    guard leader.tid > 0, leader.tid < 4_194_304, let thread = tasks[tid],
      thread.tgid == leader.tgid, thread.startNs <= time
    else { return }
    if isKnown(leader), let told = tasks[leader.tid]?.toldNs, told > time {
      return end(tid, .late, at: time)
    }
    // The task keeps its namespaces throughout. Only those that the old leader alone used end.
    let between = leader.tid | 1 << 31
    use(thread.held, by: between, in: thread.contid)
    leave(thread.held, by: tid)
    tasks[between] = thread
    tasks[tid] = nil
    end(leader.tid, .late, at: time)
    use(thread.held, by: leader.tid, in: thread.contid)
    leave(thread.held, by: between)
    tasks[between] = nil
    tasks[leader.tid] = thread
    tasks[leader.tid]?.startNs = leader.start_ns
  }

  /// Adds the task if it is not known, without namespaces. False: it cannot exist.
  private mutating func find(_ id: nst_task_id, at time: UInt64, number: UInt32) -> Bool {
    if isKnown(id) {
      tasks[id.tid]?.snapshot = snapshots
      if let told = tasks[id.tid]?.toldNs, told <= time { tasks[id.tid]?.number = number }
      return true
    }
    guard makeRoom(for: id, at: time) else { return false }
    tasks[id.tid] = newcomer(id, at: time)
    tasks[id.tid]?.number = number
    tasks[id.tid]?.program = Program()
    return true
  }

  private mutating func moveUnlessOvertaken(
    _ tid: UInt32, to set: nst_set, at time: UInt64, by subject: nst_subject,
    making call: nst_call? = nil, op: (NamespaceSlot) -> NSTrace.Operation
  ) -> [NamespaceRecord] {
    guard let task = tasks[tid] else { return [] }
    let place = NamespacePlace(set)
    if task.toldNs <= time {
      return move(tid, to: place, at: time, by: subject, making: call, op: op)
    }
    if changes(to: place, from: task).slots.isEmpty {
      tasks[tid]?.toldNs = time
      tasks[tid]?.entered.formUnion(call.map(Self.entrances) ?? [])
    }
    return []
  }

  /// The slots that a setns may have changed, of a task that a walk has seen after it.
  private static func entrances(_ call: nst_call) -> [NamespaceSlot] {
    guard call.op == NST_OP_SETNS.rawValue, call.result >= 0 else { return [] }
    return NamespaceSlot.allCases.filter {
      call.flags == 0 || call.flags & $0.kind.cloneFlag != 0
    }
  }

  private mutating func move(
    _ tid: UInt32, to place: NamespacePlace, at time: UInt64, by subject: nst_subject,
    making call: nst_call? = nil, op: (NamespaceSlot) -> NSTrace.Operation
  ) -> [NamespaceRecord] {
    var changes = changes(to: place, from: tasks[tid])
    if let call { changes.make(call, at: place) }
    endOthers(of: place, changes, at: time)
    guard let old = tasks[tid] else { return [] }
    changes = self.changes(to: place, from: old)
    if let call { changes.make(call, at: place) }
    let before = lists
    tasks[tid]?.toldNs = time
    tasks[tid]?.hasMoved = false
    tasks[tid]?.seen = nil
    if changes.slots.isEmpty {
      // A walk has reported the namespaces already.
      if old.seen != nil { tasks[tid]?.entered.formUnion(call.map(Self.entrances) ?? []) }
      return []
    }
    var new = old
    new.seen = nil
    if old.place == nil { new.contid = container(of: old.number) }
    (new.place, new.gone) = (place, [])
    washRenewed(place, changes, op: op)
    moveSession(
      of: &new, tid, entering: changes, by: subject, old.program ?? Program(), op)
    new.entered = entered(place, changes, from: old, op)
    (new.toldNs, new.hasMoved) = (time, old.place != nil)
    tasks[tid] = new
    let origin = old.place == nil ? nil : old
    // A task that leaves its session does so in it.
    var there = new
    there.session = new.session ?? old.session
    var records = arrivals(of: tid, as: there, changes, from: origin, op: op)
    // Both sets count at once, so that what the task uses before and after does not end in between.
    use(new.held, by: 0, in: new.contid)
    records += departures(of: tid, as: there, from: old.held) { op(Self.slotOfCall($0)) }
    use(new.held, by: tid, in: new.contid)
    leave(new.held, by: 0)
    endSessions(opid: tid, way(leaving: old, changes, op))
    return records + assignments(since: before, told: records, opid: tid)
  }

  /// unshare and setns move the slot for children, for these two kinds.
  private static func slotOfCall(_ kind: NamespaceKind) -> NamespaceSlot {
    switch kind {
    case .pid: .pidChildren
    case .time: .timeChildren
    default: NamespaceSlot.allCases.first { $0.kind == kind } ?? .mnt
    }
  }

  private func refusals(_ call: nst_call, _ tid: UInt32) -> [NamespaceRecord] {
    let op: NSTrace.Operation =
      switch nst_op(rawValue: call.op) {
      case NST_OP_SETNS: .setns
      case NST_OP_UNSHARE: .unshare
      case NST_OP_CLONE3: .clone3
      default: .clone
      }
    let asked = NamespaceKind.allCases.filter { call.flags & $0.cloneFlag != 0 }
    let kinds: [NamespaceKind?] = asked.isEmpty ? [nil] : asked
    return kinds.map { kind in
      NamespaceRecord(
        verb: op == .setns ? .change : .create, op: op, kind: kind, namespace: nil,
        old: kind.flatMap { tasks[tid]?.place?[Self.slotOfCall($0)] }, opid: tid, granted: false,
        containers: .of(contid(of: tid)),
        session: tasks[tid].flatMap { $0.place == nil ? nil : $0.printedSession })
    }
  }
}

// MARK: - Namespaces

extension NaiveTracker {
  /// The records of a task's new namespaces. Those that it made, or that no task used, are created.
  private mutating func arrivals(
    of tid: UInt32, as task: Task, _ changes: Changes, from origin: Task?,
    op: (NamespaceSlot) -> NSTrace.Operation
  ) -> [NamespaceRecord] {
    guard let place = task.place else { return [] }
    var records: [NamespaceRecord] = []
    for slot in NamespaceSlot.allCases where changes.slots.contains(slot) {
      // A namespace that a task is in and gives to its children is recorded once.
      let member: NamespaceSlot =
        slot == .pidChildren ? .pid : slot == .timeChildren ? .time : slot
      if member != slot, place[member] == place[slot], changes.slots.contains(member) { continue }
      let isNew = changes.made.contains(slot) || users[place[slot]] == nil
      // A task without known namespaces has not moved.
      if !isNew && origin == nil { continue }
      let isMade = changes.made.contains(slot)
      if isNew { note(place[slot], op(slot), isMade: isMade) }
      // A call that was not asked to make a namespace has found it. unshare only makes namespaces.
      let isBorn = [.clone, .clone3].contains(op(slot))
      let isFound = !isMade && (op(slot) == .unshare || isNew && isBorn)
      records.append(
        NamespaceRecord(
          verb: isNew ? .create : .change, op: isFound ? .late : op(slot), kind: slot.kind,
          namespace: place[slot],
          old: origin?.place?[slot], opid: tid, containers: .of(task.contid),
          namespaceContainers: isNew ? listLeft(on: place[slot]) : list(of: place[slot]),
          session: task.printedSession))
    }
    return records
  }

  private mutating func departures(
    of tid: UInt32, as task: Task, from held: [NamespaceID],
    op: (NamespaceKind) -> NSTrace.Operation
  ) -> [NamespaceRecord] {
    leave(held, by: tid).map {
      NamespaceRecord(
        verb: .destroy, op: op($0.kind), kind: $0.kind, namespace: $0, old: nil, opid: tid,
        containers: .of(task.contid), session: task.printedSession)
    }
  }

  mutating func use(_ held: [NamespaceID], by tid: UInt32, in container: ContainerID?) {
    for id in held {
      users[id, default: []].insert(tid)
      guard let container else { continue }
      if let index = lists[id]?.firstIndex(where: { $0.id == container }) {
        lists[id]?[index].tasks.insert(tid)
      } else {
        lists[id, default: []].append(Use(id: container, tasks: [tid]))
        stain(id, container)
      }
    }
  }

  /// Takes a task from the containers' uses of a namespace.
  mutating func takeUse(of id: NamespaceID, by tid: UInt32) {
    let rest = lists[id]?.compactMap { $0.without(tid) } ?? []
    for use in lists[id] ?? [] where !rest.contains(where: { $0.id == use.id }) {
      fade(id, use.id)
    }
    lists[id] = rest.isEmpty ? nil : rest
  }

  /// Ends the namespaces that no task uses any more.
  @discardableResult
  private mutating func leave(_ held: [NamespaceID], by tid: UInt32) -> [NamespaceID] {
    var unused: [NamespaceID] = []
    for id in held {
      takeUse(of: id, by: tid)
      users[id]?.remove(tid)
      if users[id]?.isEmpty == true {
        if dye?.gone.contains(id) == true { dye?.wash(id) }
        users[id] = nil
        freed.remove(id)
        unexplained.remove(id)
        unused.append(id)
      }
    }
    return unused
  }
}

// MARK: - The stream about itself

extension NaiveTracker {
  mutating func host(
    _ event: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan
  ) {
    initial = Set(NamespacePlace(event.initial).ids)
    dye?.tellsFreed = event.hooks & UInt32(NST_HOOK_FREED) != 0
  }

  mutating func cgroup(_ event: nst_cgroup, path: RawSpan) { names.read(event, [UInt8](path)) }
  mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan) { names.read(event, [UInt8](name)) }
  mutating func attach(_ event: nst_attach) {
    let actor = event.subject.task
    if isKnown(actor) { confine(actor.tid, Stance(event.subject), at: event.hdr.time_ns) }
    if isKnown(event.task) {
      tasks[event.task.tid]?.home?.hear(event)
      sayStances(of: event.task.tid, by: event)
    } else {
      entrances.keep(event)
    }
    if event.isOfProcess, event.task.tgid < 1 << 22 {
      let threads = tasks.filter { $0.key != event.task.tgid && $0.value.tgid == event.task.tgid }
      for tid in threads.keys.sorted() {
        tasks[tid]?.home?.hear(event)
        sayStances(of: tid, by: event)
      }
    }
  }
  mutating func confined(_ event: nst_confined) {
    guard isKnown(event.task) else { return }
    confine(event.task.tid, Stance(event), at: event.hdr.time_ns)
  }
  mutating func users(_ event: nst_users) {}
  mutating func audit(_ event: nst_audit, text: RawSpan) {}
  mutating func auditLost(_ event: nst_audit_lost) {}

  mutating func clock(_ event: nst_clock) { clockOffset = event.realtime_offset_ns }

  mutating func snapshotBegin(_ event: nst_snapshot) {
    snapshots += 1
    snapshotBeganNs = event.hdr.time_ns
    isWalking = true
  }

  mutating func snapshotEnd(_ event: nst_snapshot) {
    for tid in tasks.keys.sorted() where tasks[tid]?.snapshot != snapshots {
      end(tid, .resync, at: event.hdr.time_ns)
    }
    let wasFollowing = isFollowing
    let isFirst = snapshots > 0 && !isFollowing
    isFollowing = true
    isWalking = false
    if !wasFollowing { resumeSessions(at: event.hdr.time_ns) }
    if isFirst { dropUnseenKept(at: event.hdr.time_ns) }
    if !wasFollowing { findSessions(at: event.hdr.time_ns) }
    entrances.forget(before: snapshotBeganNs)
    let (count, since) = (lostCount, lostSinceNs)
    (lostCount, lostSinceNs) = (0, 0)
    if count == 0 { return }
    sayLost(count, kind: nil, since: since, at: event.hdr.time_ns)
  }

  mutating func lost(_ event: nst_lost) {
    let cause = Self.cause(event.flags)
    let isStale = [.full, .skipped, .off, .dump].contains(cause)
    if isStale {
      if lostCount == 0 { lostSinceNs = event.since_ns }
      lostCount &+= UInt64(event.count)
    }
    sayLost(
      UInt64(event.count), kind: event.kind, since: isStale ? lostSinceNs : event.since_ns,
      at: event.hdr.time_ns, cause)
  }

  private static func cause(_ flags: UInt16) -> LostRecord.Cause {
    let causes: [(UInt16, LostRecord.Cause)] = [
      (0x02, .off), (0x04, .unexplained), (0x08, .dump), (0x10, .forgotten), (0x20, .storage),
      (0x01, .skipped),
    ]
    return causes.first { flags & $0.0 != 0 }?.1 ?? .full
  }

  mutating func suppressed(_ event: nst_suppressed) {
    guard isFollowing else { return }
    serial += 1
    let share = LostShare(
      uid: event.uid == .max ? nil : event.uid,
      cgroup: names.printed(CgroupID(hierarchy: 0, id: event.cgroup_id)))
    let lost = LostRecord(
      count: UInt64(event.count), kind: event.kind, sinceNs: wall(event.since_ns), resynced: false,
      cause: .share, share: share)
    events.append(
      ObservedEvent(serial: serial, timeNs: wall(event.hdr.time_ns), actor: nil, lost: lost))
  }

  mutating func unknown(_ header: nst_header) {}

  func wall(_ time: UInt64) -> Int64 { Int64(bitPattern: time) &+ clockOffset }

  private mutating func sayLost(
    _ count: UInt64, kind: UInt16?, since: UInt64, at time: UInt64,
    _ cause: LostRecord.Cause = .full
  ) {
    guard isFollowing else { return }
    serial += 1
    events.append(
      ObservedEvent(
        serial: serial, timeNs: wall(time), actor: nil,
        lost: LostRecord(
          count: count, kind: kind, sinceNs: wall(since), resynced: kind == nil, cause: cause)))
  }

  mutating func say(
    _ records: [NamespaceRecord], at time: UInt64, by subject: nst_subject, _ program: Program?
  ) {
    let session = isKnown(subject.task) ? tasks[subject.task.tid]?.session : nil
    say(records, at: time, actor: subject.task.tid, program, session)
  }

  /// - Parameter session: that of the actor.
  mutating func say(
    _ records: [NamespaceRecord], _ containers: [ContainerRecord] = [], info: TaskSummary? = nil,
    at time: UInt64, actor: UInt32?, _ program: Program?, _ session: Session?
  ) {
    let containers = containers + updates
    let passages = passages
    (self.updates, self.passages) = ([], [])
    guard isFollowing, !(records.isEmpty && containers.isEmpty && passages.isEmpty) else { return }
    serial += 1
    var ordered: [NamespaceRecord] = []
    for verb in [NamespaceRecord.Verb.create, .change, .destroy] {
      for kind in NamespaceKind.allCases.map(Optional.some) + [nil] {
        ordered += records.filter { $0.verb == verb && $0.kind == kind }
      }
    }
    events.append(
      ObservedEvent(
        serial: serial, timeNs: wall(time), actor: actor, exe: program?.path ?? [],
        exeMarks: program?.marks ?? [], records: ordered, containers: containers,
        sessions: passages, visits: visits(of: ordered, passages, session), info: info))
  }

  /// The sessions that records name, and the actor's, with what they are inside.
  private func visits(
    of records: [NamespaceRecord], _ passages: [SessionRecord], _ session: Session?
  ) -> [ContainerVisit] {
    let numbers = Set(records.compactMap(\.session) + passages.map(\.visit.session))
    let known = living.map(\.visit) + passages.filter { $0.verb == .end }.map(\.visit)
    // What a task leaves that others stay in its records name.
    return known.filter { numbers.contains($0.session) || $0.session == session?.number }
      .sorted { $0.session < $1.session }
  }
}

extension NaiveTracker.Task {
  /// The namespaces that the task uses, by slot.
  var held: [NamespaceID] {
    NamespaceSlot.allCases.compactMap { gone.contains($0) ? nil : place?[$0] }
  }

  /// The namespaces at a time; nil: not known, because the task has moved since.
  func place(at time: UInt64) -> NamespacePlace? { time < toldNs && hasMoved ? nil : place }
}
