// SPDX-License-Identifier: Apache-2.0

package import CNSWire

// MARK: - Tasks

extension Tracker where Sink: ~Copyable {
  @inline(__always)
  package mutating func fork(_ event: nst_fork) {
    // First, because it may end a task: the parent is looked up among the tasks that remain.
    guard admit(event.child, at: event.hdr.time_ns) else { return }
    guard unborn.isEmpty, event.container == 0 || early.isEmpty, let index = parent(of: event),
      isLike(state.tasks[index], event)
    else { return forkUnlike(event) }
    let child = child(event, of: state.tasks[index])
    state.sets.addTask(child.set)
    state.subjects.retain(child.subject)
    state.tasks.insert(child)
  }

  @inline(__always)
  func parent(of event: nst_fork) -> TaskTable.Index? {
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
  func child(_ event: nst_fork, of parent: TaskTable.Entry) -> TaskTable.Entry {
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
    noteEarly(born)
    if !isConfinedAlike { countConfinement(of: born) }
    if isOfAnother { takeLabelOfNumber(event.child, at: time) }
    if !isConfinedAlike { tellConfinements(by: event.child, at: time) }
    if !unborn.isEmpty, let attach = takeUnborn(event.child), let index = known(event.child) {
      enter(CgroupPlace(attach, inheriting: cgroups(of: index)), index, attach)
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
    if endQuietly(index, at: event.hdr.time_ns) { return }
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
    if state.tasks[index].container != event.container {
      state.tasks[index].container = event.container
      noteEarly(index)
    }
    draft.event.actorSession = session(of: state.tasks[index])
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
    state.tasks.note(walk: epoch, at: index)
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
    let known = state.recentlyFound(event.set)
    var slots = known ?? state.intern(event.set)
    let cgroups = CgroupPlace(v2: event.subject.cgroup_id, at: event.hdr.time_ns)
    slots[SetTable.labelLane] = firstLabel(ofRegistration: event.container, in: cgroups)
    takeVisit(&slots, ofChildOf: event.subject.ppid)
    let op = found(event.hdr)
    washRenewed(slots, changed: .all, made: .none) { _ in op }
    labelBySet(&slots, from: nil, opid: task.tid, &draft)
    followSession(&slots, from: nil, opid: task.tid, &draft) { _ in op }
    takeTags(&slots, from: nil, opid: task.tid, &draft)
    slots.tag(task.confinement)
    let session = slots[SetTable.sessionLane]
    draft.event.actorSession = session
    if known == nil {
      describe(
        slots, from: nil, changed: .all, made: .none, opid: task.tid, session, &draft
      ) { _ in op }
    }
    task.set = state.enter(slots, told: event.set)
    state.sets.note(task.set, told: event.set)
    task.subject = state.subjects.insert(
      event.subject, exe: exe, event.marks, in: cgroups, task.confinement)
    state.containers.noteFound(slots[SetTable.labelLane], startedAt: task.startNs)
    let index = state.tasks.insert(task)
    noteEarly(index)
    noteWalk(index, op)
    tellAssignments(opid: task.tid, &draft)
    finish(draft, about: task.tid)
  }

  func found(_ header: nst_header) -> Operation {
    header.flags & UInt16(NST_FLAG_LATE) != 0 ? .late : .resync
  }
}

// MARK: - Prefetching

extension Tracker where Sink: ~Copyable {
  package func expect(task tid: UInt32) { state.tasks.prefetchPlace(tid) }

  package func expectSoon(task tid: UInt32) { state.tasks.prefetchEntry(tid) }
}
