// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// Turns the records of a stream into audit events about namespaces and containers.
///
/// The tracker is total: a record about an unknown task adds that task ("seen late"), and no
/// sequence of records stops it. It writes nothing before the first snapshot is complete.
///
///     var tracker = Tracker(sink: myFormat)
///     try decoder.decode(batch, into: &tracker)
package struct Tracker<Sink: TrackerSink & ~Copyable>: EventHandler, ~Copyable {
  /// Where the events go.
  package var sink: Sink
  package internal(set) var state = NamespaceState()
  /// The facts of the HOST record; nil before it.
  package private(set) var host: HostFacts?
  package private(set) var phase = Phase.waiting
  package internal(set) var counters = TrackerCounters()

  /// The last event's draft, whose memory the next event takes.
  var spare: EventDraft? = EventDraft()
  /// The MEMBER records of the REGISTER record that follows: no more than there can be tasks.
  var members: [nst_member] = []
  var memberLimit = Int(TaskNumber.limit)
  /// ATTACH records of tasks that are not born yet, by tid: `unbornLimit` at most.
  var unborn: [UInt32: nst_attach] = [:]
  let policy: any ContainerPolicy
  private(set) var options: TrackerOptions
  /// CLOCK_REALTIME minus CLOCK_BOOTTIME, nanoseconds.
  var realtimeOffsetNs: Int64 = 0
  var epoch: UInt32 = 0
  /// Whether the tracker may decline a report that names an unexplained namespace.
  package var declines = false
  /// The unexplained namespaces of the declined report.
  var declined: [NamespaceID] = []
  package internal(set) var hasDeclined = false
  /// Whether walks in the stream find the users of a namespace (USERS records).
  private(set) var hasCensus = false
  /// Whether the stream has FREED records.
  private(set) var tellsFreed = false
  /// The latest time of a record that states a task's namespaces: CLOCK_BOOTTIME, nanoseconds. A
  /// record that explains another one comes before older records, and so does a walk's.
  var lastToldNs: UInt64 = 0
  /// Records lost since the state was last known to be complete.
  private var lostCount: UInt64 = 0
  private var lostSinceNs: UInt64 = 0
  private var snapshotBeganNs: UInt64 = 0

  // As in NamespaceState.
  deinit {}

  /// Whether no snapshot is complete: none yet, or none since records were lost.
  package var isUnsure: Bool { phase != .following || lostCount > 0 }

  package enum Phase: Sendable {
    /// No snapshot has begun.
    case waiting
    /// The first snapshot is under way.
    case starting
    case following
    /// A later snapshot, after a loss, is under way.
    case resyncing
  }

  /// - Parameters:
  ///   - sink: where the events go.
  ///   - policy: judges registrations.
  ///   - options: which records are made.
  package init(
    sink: consuming Sink, policy: any ContainerPolicy = RFCPolicy(),
    options: TrackerOptions = TrackerOptions()
  ) {
    self.sink = sink
    self.policy = policy
    self.options = options
    // T5: only the set of namespaces decides the ID.
    if policy.labelsSets { self.options.containers = .registered }
    state.cgroups = CgroupTable(
      spellings: self.options.containers == .cgroup
        ? CgroupSpelling.all(options.cgroupPatterns) : [])
  }
}

/// How many events a tracker has written, and how many records are missing.
public struct TrackerCounters: Equatable, Sendable {
  /// Audit events written.
  public var events: UInt64 = 0
  /// Wire records that were lost because the ring was full.
  public var lost: UInt64 = 0
  /// Records of kinds that this version does not know.
  public var unknown: UInt64 = 0
}

// MARK: - Tasks

extension Tracker where Sink: ~Copyable {
  @inline(__always)
  package mutating func fork(_ event: nst_fork) {
    // First, because it may end a task: the parent is looked up among the tasks that remain.
    guard admit(event.child, at: event.hdr.time_ns) else { return }
    guard unborn.isEmpty, let index = parent(of: event), isLike(state.tasks[index], event) else {
      return forkUnlike(event)
    }
    let child = child(event, of: state.tasks[index])
    state.sets.addTask(child.set)
    state.subjects.retain(child.subject)
    state.tasks.insert(child)
  }

  @inline(__always)
  private func parent(of event: nst_fork) -> TaskTable.Index? {
    guard let index = state.tasks.find(event.parent_tid),
      state.tasks[index].startNs <= event.hdr.time_ns
    else { return nil }
    return index
  }

  /// Whether the child has its parent's registration and confinement: nearly always.
  @inline(__always)
  private func isLike(_ parent: TaskTable.Entry, _ event: nst_fork) -> Bool {
    let confinement = Confinement(forkFlags: event.hdr.flags)
    return event.container == parent.container
      && (!confinement.isKnown || confinement == parent.confinement)
  }

  /// The child's entry: what the record states, and the parent's values for the rest.
  @inline(__always)
  private func child(_ event: nst_fork, of parent: TaskTable.Entry) -> TaskTable.Entry {
    var child = entry(event.child, asOf: event.hdr.time_ns)
    child.container = event.container
    child.set = setOf(parent, at: event.hdr.time_ns)
    child.subject = parent.subject
    child.forker = parent.tgid
    child.entered = parent.entered
    child.confinement = parent.confinement
    return child
  }

  /// The rest of `fork`, for an admitted child that may differ from its parent.
  @inline(never)
  private mutating func forkUnlike(_ event: nst_fork) {
    let time = event.hdr.time_ns
    let confinement = Confinement(forkFlags: event.hdr.flags)
    var child = entry(event.child, asOf: time)
    child.container = event.container
    child.confinement = confinement
    var isOfAnother = false
    var isConfinedAlike = true
    if let index = parent(of: event) {
      if confinement.isKnown, confinement != state.tasks[index].confinement {
        confine(index, confinement, at: time)
        isConfinedAlike = confinement == state.tasks[index].confinement
      }
      child = self.child(event, of: state.tasks[index])
      if confinement.isKnown { child.confinement = confinement }
      isOfAnother = state.tasks[index].container != event.container
    }
    if isConfinedAlike {
      state.sets.addTask(child.set)
    } else {
      child.set = reenter(child.set, confined: child.confinement)
    }
    state.subjects.retain(child.subject)
    let born = state.tasks.insert(child)
    if !isConfinedAlike { countConfinement(of: born) }
    if isOfAnother { takeLabelOfNumber(event.child, at: time) }
    if !isConfinedAlike { tellConfinements(by: event.child, at: time) }
    if !unborn.isEmpty, let attach = takeUnborn(event.child), let index = known(event.child) {
      enter(CgroupPlace(attach), index, attach)
    }
  }

  @inline(__always)
  package mutating func exit(_ event: nst_exit, subject: nst_subject?) {
    guard let index = state.tasks.find(event.task.tid),
      state.tasks[index].startNs == event.task.start_ns,
      // A later record of the task exists: the leader exited, and exec gave its tid and start time
      // to another thread.
      state.tasks[index].asOfNs <= event.hdr.time_ns
    else { return }
    if endQuietly(index) { return }
    end(index, op: .exit, at: event.hdr.time_ns, subject: subject)
  }

  package mutating func task(_ event: nst_task, exe: RawSpan) {
    // A record of a census. Nothing has happened to the task.
    if event.hdr.flags & UInt16(NST_FLAG_CENSUS) != 0 { return }
    if declines, decline(event) { return }
    let id = event.subject.task
    guard let index = known(id) else {
      guard admit(id, at: event.hdr.time_ns) else { return }
      return addLate(event, exe: exe)
    }
    state.tasks[index].epoch = epoch
    guard event.hdr.time_ns >= state.tasks[index].asOfNs else { return }
    let changes = changes(of: index, to: event.set, at: event.hdr.time_ns)
    var draft = begin(at: event.hdr.time_ns, subject: event.subject)
    let cgroups = cgroups(of: index, seenBy: event)
    if exe.byteCount > 0 {
      setSubject(
        of: index,
        state.subjects.insert(
          event.subject, exe: exe, event.marks, in: cgroups, state.tasks[index].confinement))
    } else {
      // An exiting task has no mm, so its program cannot be read: keep the known one.
      let program = state.tasks[index].subject
      setSubject(
        of: index,
        state.subjects.insert(
          event.subject, sameProgramAs: program, in: cgroups, state.tasks[index].confinement))
    }
    setProgram(of: index, &draft)
    state.tasks[index].container = event.container
    confine(index, Confinement(event.subject), &draft)
    followCgroup(index, &draft)
    let op = found(event.hdr)
    move(index, to: event.set, changes, at: event.hdr.time_ns, &draft) { _ in op }
    noteWalk(index, op)
    finish(draft, about: id.tid)
  }

  /// Notes that a walk reported the task's set.
  private mutating func noteWalk(_ index: TaskTable.Index, _ op: Operation) {
    guard op == .resync else { return }
    state.tasks[index].seenIn = epoch
  }

  /// Adds an unknown task. Nothing shows that it moved, so records are made only of namespaces that
  /// are new with it.
  private mutating func addLate(_ event: nst_task, exe: RawSpan) {
    endFreed(in: .all, made: .none, of: event.set, at: event.hdr.time_ns)
    var draft = begin(at: event.hdr.time_ns, subject: event.subject, exe: exe, event.marks)
    state.isFinding = true
    var task = entry(event.subject.task, asOf: event.hdr.time_ns)
    task.container = event.container
    task.confinement = Confinement(event.subject)
    var slots = state.intern(event.set)
    let cgroups = CgroupPlace(v2: event.subject.cgroup_id, at: event.hdr.time_ns)
    slots[SetTable.labelLane] = firstLabel(ofRegistration: event.container, in: cgroups)
    labelBySet(&slots, from: nil, opid: task.tid, &draft)
    beginSession(&slots, from: nil)
    slots.tag(task.confinement)
    let op = found(event.hdr)
    describe(slots, from: nil, changed: .all, made: .none, opid: task.tid, &draft) { _ in op }
    task.set = state.enter(slots, told: event.set)
    task.subject = state.subjects.insert(
      event.subject, exe: exe, event.marks, in: cgroups, task.confinement)
    state.containers.noteFound(slots[SetTable.labelLane], startedAt: task.startNs)
    noteWalk(state.tasks.insert(task), op)
    tellAssignments(opid: task.tid, &draft)
    finish(draft, about: task.tid)
  }

  private func found(_ header: nst_header) -> Operation {
    header.flags & UInt16(NST_FLAG_LATE) != 0 ? .late : .resync
  }
}

// MARK: - Prefetching

extension Tracker where Sink: ~Copyable {
  package func expect(task tid: UInt32) { state.tasks.prefetchPlace(tid) }

  package func expectSoon(task tid: UInt32) { state.tasks.prefetchEntry(tid) }
}

// MARK: - System calls

extension Tracker where Sink: ~Copyable {
  package mutating func clone(_ event: nst_clone, proctitle: RawSpan) {
    let time = event.hdr.time_ns
    let op: Operation = event.call.systemCall == .clone3 ? .clone3 : .clone
    guard admit(event.child, at: event.hdr.time_ns) else { return }
    let parent = known(event.subject.task)
    if let parent { refreshSubject(of: parent, event.subject, at: time) }
    let claimed = changedSlots(by: event)
    endFreed(in: claimed, made: madeSlots(by: event, in: claimed), of: event.set, at: time)
    var draft = begin(
      at: time, call: event.call, subject: event.subject, proctitle: proctitle, event.hdr.flags)
    setProgram(of: parent, &draft)
    if let parent {
      confine(parent, Confinement(event.subject), &draft)
      followCgroup(parent, &draft)
    }
    var child = entry(event.child, asOf: time)
    child.container = event.call.container
    child.confinement = Confinement(event.subject)
    child.forker = event.subject.task.tgid
    if let parent { draft.event.actorContainers = containers(of: parent) }
    let from = parent.map { setOf(state.tasks[$0], at: time) } ?? .unknown
    let old = slotsOf(from)
    // `endFreed` may have ended a namespace with the same number, so the slots are compared again.
    let changed = changedSlots(of: from, to: event.set)
    let made = madeSlots(by: event, in: changed)
    var slots = state.intern(event.set, after: old, changed: changed)
    let place = takeUnborn(event.child).map(CgroupPlace.init) ?? cgroups(of: parent)
    slots[SetTable.labelLane] =
      old?[SetTable.labelLane] ?? firstLabel(ofRegistration: event.call.container, in: place)
    if old != nil { join(&slots[SetTable.labelLane], in: place, opid: child.tid, &draft) }
    labelBySet(&slots, from: old, opid: child.tid, &draft)
    beginSession(&slots, from: old, made: made)
    slots.tag(child.confinement)
    describe(slots, from: old, changed: changed, made: made, opid: child.tid, &draft) { _ in op }
    child.set = state.enter(slots, told: event.set)
    tellAssignments(opid: child.tid, &draft)
    if let parent {
      if old != nil { child.entered = entered(slots, changed, made, from: parent) { _ in op } }
      child.subject = state.tasks[parent].subject
      state.subjects.retain(child.subject)
    }
    let born = state.tasks.insert(child)
    countConfinement(of: born)
    setCgroups(of: born, place)
    finish(draft, about: child.tid)
  }

  package mutating func switchNamespaces(_ event: nst_switch, proctitle: RawSpan) {
    let time = event.hdr.time_ns
    if declines, decline(event) { return }
    guard let index = knownOrSeenNow(event.subject, event.call, at: time) else { return }
    refreshSubject(of: index, event.subject, at: time)
    let changes = changes(of: index, to: event.set, by: event.call, at: time)
    var draft = begin(
      at: time, call: event.call, subject: event.subject, proctitle: proctitle, event.hdr.flags)
    setProgram(of: index, &draft)
    confine(index, Confinement(event.subject), &draft)
    followCgroup(index, &draft)
    draft.event.actorContainers = containers(of: index)
    if event.call.result < 0 { refuse(event.call, state.tasks[index], &draft) }
    if time >= state.tasks[index].asOfNs {
      let call = event.call
      let wasSeenThere = state.tasks[index].seenIn != 0 && isIn(index, event.set)
      move(index, to: event.set, changes, at: time, &draft) { Self.operation(of: call, on: $0) }
      // A walk reported this move first.
      if wasSeenThere { noteEntrances(of: index, by: call) }
    } else {
      catchUp(index, with: event.set, by: event.call, at: time)
    }
    finish(draft, about: event.subject.task.tid)
  }

  package mutating func exec(_ event: nst_exec, exe: RawSpan, proctitle: RawSpan) {
    let time = event.hdr.time_ns
    if event.old_tid != event.subject.task.tid { takeOver(event) }
    guard let index = knownOrSeenNow(event.subject, event.call, at: time) else { return }
    let cgroups = cgroups(of: index).seen(in: event.subject.cgroup_id, at: time)
    setSubject(
      of: index,
      state.subjects.insert(
        event.subject, exe: exe, event.marks, in: cgroups, state.tasks[index].confinement))
    if state.namespaces.freedCount > 0 { _ = changes(of: index, to: event.set, at: time) }
    let confinement = Confinement(event.subject)
    // The usual case: the exec changes nothing that a record would state.
    if options.containers != .cgroup, isIn(index, event.set), !confines(index, confinement),
      !state.subjects.crowds.hasReconfined
    {
      return stay(index, at: time)
    }
    var draft = begin(
      at: time, call: event.call, subject: event.subject, exe: exe, event.marks,
      proctitle: proctitle, event.hdr.flags)
    confine(index, confinement, &draft)
    followCgroup(index, &draft)
    draft.event.actorContainers = containers(of: index)
    if time >= state.tasks[index].asOfNs {
      // exec moves a task in time namespaces alone (exec_task_namespaces).
      let claimed = claimed(of: index, in: event.set)
      move(index, to: event.set, claimed, at: time, &draft) { $0.kind == .time ? .exec : .late }
    } else {
      catchUp(index, with: event.set, at: time)
    }
    finish(draft, about: event.subject.task.tid)
  }

  /// exec by a thread other than the leader: the leader has exited, and the thread takes the
  /// leader's tid and start time (de_thread).
  private mutating func takeOver(_ event: nst_exec) {
    let id = event.subject.task
    let time = event.hdr.time_ns
    guard id.tid != 0, id.tid < TaskNumber.limit,
      let old = state.tasks.find(event.old_tid), state.tasks[old].tgid == id.tgid,
      state.tasks[old].startNs <= time
    else { return }
    // A snapshot has reported the task under its new tid.
    if let leader = known(id), state.tasks[leader].asOfNs > time {
      return end(old, op: .late, at: time)
    }
    var task = state.tasks[old]
    state.tasks.remove(at: old)
    if let stale = state.tasks.find(id.tid) { end(stale, op: .late, at: time) }
    task.tid = id.tid
    task.startNs = id.start_ns
    state.tasks.insert(task)
  }

  /// The operation that moved a slot: the call, if it moves that kind, else `late`.
  private static func operation(of call: nst_call, on slot: NamespaceSlot) -> Operation {
    let asked = call.result >= 0 && call.flags & slot.kind.cloneFlag != 0
    switch call.systemCall {
    case .unshare: return asked ? .unshare : .late
    // The flags of setns do not decide: with 0 it enters whatever kind the descriptor is.
    case .setns: return call.result >= 0 ? .setns : .late
    case .clone, .clone3, .exec, nil: return .late
    }
  }

  /// Adds a refused record for each kind that the call asked for.
  private func refuse(_ call: nst_call, _ task: TaskTable.Entry, _ draft: inout EventDraft) {
    let (verb, op): (NamespaceRecord.Verb, Operation) =
      switch call.systemCall {
      case .setns: (.change, .setns)
      case .unshare: (.create, .unshare)
      case .clone3: (.create, .clone3)
      // No hook reports a refused exec, but a stream may contain one.
      case .clone, .exec, nil: (.create, .clone)
      }
    let session = slotsOf(task.set).flatMap(NamespaceState.session)
    for kind in NamespaceKind.allCases where call.flags & kind.cloneFlag != 0 {
      let old = state.namespace(of: task, in: .movedByCall(kind))
      draft.event.namespaces.append(
        NamespaceRecord(
          verb: verb, op: op, kind: kind, namespace: nil, old: old, opid: task.tid, granted: false,
          containers: draft.event.actorContainers, session: session))
    }
    if draft.event.namespaces.isEmpty {
      draft.event.namespaces.append(
        NamespaceRecord(
          verb: verb, op: op, kind: nil, namespace: nil, old: nil, opid: task.tid, granted: false,
          containers: draft.event.actorContainers, session: session))
    }
  }
}

// MARK: - Host, snapshots, losses

extension Tracker where Sink: ~Copyable {
  package mutating func host(
    _ event: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan
  ) {
    let host = HostFacts(event, release: release, hostname: hostname, version: version)
    self.host = host
    state.hosts = host.initial
    hasCensus = event.hooks & UInt32(NST_HOOK_CENSUS) != 0
    tellsFreed = event.hooks & UInt32(NST_HOOK_FREED) != 0
    sink.hear(.answers(event.hooks & UInt32(NST_HOOK_FREED | NST_HOOK_NSFS) != 0))
  }

  package mutating func clock(_ event: nst_clock) {
    realtimeOffsetNs = event.realtime_offset_ns
  }

  package mutating func snapshotBegin(_ event: nst_snapshot) {
    epoch &+= 1
    snapshotBeganNs = event.hdr.time_ns
    sink.hear(.unsure(true))
    phase = phase == .waiting || phase == .starting ? .starting : .resyncing
  }

  package mutating func snapshotEnd(_ event: nst_snapshot) {
    for task in state.tasks.sorted where task.epoch != epoch {
      if let index = state.tasks.find(task.tid) {
        end(index, op: .resync, at: event.hdr.time_ns)
      }
    }
    phase = .following
    // The others belong to births that were lost.
    unborn = unborn.filter { $0.value.hdr.time_ns >= snapshotBeganNs }
    if lostCount > 0 {
      writeLost(
        at: event.hdr.time_ns, kind: nil, lostCount, since: lostSinceNs, resynced: true)
    }
    lostCount = 0
    lostSinceNs = 0
    sink.hear(.unsure(false))
  }

  package mutating func lost(_ event: nst_lost) {
    let cause = LostRecord.Cause(flags: event.flags)
    // An unexplained report leaves the tasks' sets known, so no walk follows.
    if cause != .unexplained {
      sink.hear(.unsure(true))
      if lostCount == 0 { lostSinceNs = event.since_ns }
      lostCount &+= UInt64(event.count)
    }
    counters.lost &+= UInt64(event.count)
    writeLost(
      at: event.hdr.time_ns, kind: event.kind, UInt64(event.count),
      since: cause == .unexplained ? event.since_ns : lostSinceNs, resynced: false, cause)
  }

  package mutating func freed(_ event: nst_freed) {
    sink.hear(.freed(inum: event.inum))
    free(event.inum, at: event.hdr.time_ns)
  }

  package mutating func pinned(_ event: nst_pinned) {
    let kind = NamespaceKind.allCases.first { $0.cloneFlag == UInt64(event.type) }
    guard let kind else { return }
    let id = NamespaceID(kind: kind, inum: event.inum, nsid: event.id)
    sink.hear(.answer(id, isPinned: PinnedAnswer(rawValue: event.answer)?.isPinned))
  }

  package mutating func users(_ event: nst_users) {}

  package mutating func unknown(_ header: nst_header) { counters.unknown &+= 1 }

  private mutating func writeLost(
    at time: UInt64, kind: UInt16?, _ count: UInt64, since: UInt64, resynced: Bool,
    _ cause: LostRecord.Cause = .full
  ) {
    var draft = begin(at: time)
    draft.event.lost = LostRecord(
      count: count, kind: kind, sinceNs: wallClock(since), resynced: resynced, cause: cause)
    finish(draft)
  }
}
