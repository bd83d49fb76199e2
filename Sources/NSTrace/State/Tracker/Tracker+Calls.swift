// SPDX-License-Identifier: Apache-2.0

package import CNSWire

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
    setActor(parent, &draft)
    let from = parent.map { setOf(state.tasks[$0], at: time) } ?? .unknown
    let old = slotsOf(from)
    // `endFreed` may have ended a namespace with the same number, so the slots are compared again.
    let changed = changedSlots(of: from, to: event.set)
    let made = madeSlots(by: event, in: changed)
    var slots = state.intern(event.set, after: old, changed: changed)
    let inherited = cgroups(of: parent)
    let place = takeUnborn(event.child).map { CgroupPlace($0, inheriting: inherited) } ?? inherited
    slots[SetTable.labelLane] =
      old?[SetTable.labelLane] ?? firstLabel(ofRegistration: event.call.container, in: place)
    if old != nil { join(&slots, in: place, opid: child.tid, &draft) }
    washRenewed(slots, changed: changed, made: made) { _ in op }
    labelBySet(&slots, from: old, opid: child.tid, &draft)
    followSession(&slots, from: old, made: made, opid: child.tid, &draft) { _ in op }
    takeTags(&slots, from: old, made: made, opid: child.tid, &draft)
    slots.tag(child.confinement)
    let session = slots[SetTable.sessionLane]
    describe(
      slots, from: old, changed: changed, made: made, opid: child.tid, session, &draft
    ) { _ in op }
    child.set = state.enter(slots, told: event.set)
    tellAssignments(opid: child.tid, &draft)
    if let parent {
      if old != nil { child.entered = entered(slots, changed, made, from: parent) { _ in op } }
      child.subject = state.tasks[parent].subject
      state.subjects.retain(child.subject)
    }
    let born = state.tasks.insert(child)
    noteEarly(born)
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
    setActor(index, &draft)
    if event.call.result < 0 { refuse(event.call, state.tasks[index], &draft) }
    if time >= state.tasks[index].asOfNs {
      let call = event.call
      let wasSeenThere = state.tasks.walk(at: index) != 0 && isIn(index, event.set)
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
    if declines, decline(event) { return }
    if event.old_tid != event.subject.task.tid { takeOver(event) }
    guard let index = knownOrSeenNow(event.subject, event.call, at: time) else { return }
    let cgroups = cgroups(of: index).seen(in: event.subject.cgroup_id, at: time)
    setSubject(
      of: index,
      state.subjects.insert(
        event.subject, exe: exe, event.marks, in: cgroups, state.tasks[index].confinement,
        startedIn: containers(of: index).elements.first?.id ?? .unset))
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
    draft.event.programOrigin = state.subjects.origin(of: state.tasks[index].subject)
    confine(index, confinement, &draft)
    followCgroup(index, &draft)
    setActor(index, &draft)
    if time >= state.tasks[index].asOfNs {
      startContainer(of: index, &draft)
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
    guard id.tid != 0, id.tid < TaskNumber.limit, let old = thread(calling: event) else { return }
    // A snapshot has reported the task under its new tid.
    if let leader = known(id), state.tasks[leader].asOfNs > time {
      return end(old, op: .late, at: time)
    }
    var task = state.tasks[old]
    let walk = state.tasks.walk(at: old)
    state.endStay(of: old, at: time)
    state.tasks.remove(at: old)
    if let stale = state.tasks.find(id.tid) { end(stale, op: .late, at: time) }
    task.tid = id.tid
    task.startNs = id.start_ns
    let index = state.tasks.insert(task)
    if state.stays.isOn { state.tasks.note(since: time, at: index) }
    noteEarly(index)
    if walk != 0 { state.tasks.note(walk: walk, at: index) }
  }

  /// The thread that calls exec, under its own tid.
  func thread(calling event: nst_exec) -> TaskTable.Index? {
    guard let old = state.tasks.find(event.old_tid),
      state.tasks[old].tgid == event.subject.task.tgid,
      state.tasks[old].startNs <= event.hdr.time_ns
    else { return nil }
    return old
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
    note(session: session ?? 0, &draft)
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
