// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

// MARK: - T4: container sessions

/// A task that enters a container's namespace from outside has a session from then on (Grubb: "If
/// something enters a container, we need to know about it"). It is inside by the slots in which it
/// entered, also by namespaces that it makes from those. Once it has none of them any more it has left.
extension Tracker where Sink: ~Copyable {
  /// Gives a task that comes into `slots` its session: a new one if it enters from outside, none if it
  /// has left. A task that is in the session already keeps it. Nothing begins a session before the first
  /// snapshot is complete: what that finds begins one at its end.
  /// - Parameters:
  ///   - made: the slots whose namespaces the task made. Those are not entered.
  ///   - op: what the task did.
  mutating func followSession(
    _ slots: inout SetTable.Slots, from old: SetTable.Slots?, made: SlotSet = .none, opid: UInt32,
    _ draft: inout EventDraft, op: (NamespaceSlot) -> Operation
  ) {
    guard isWriting, state.hasLists || !state.sessions.isEmpty else { return }
    let step = step(into: slots, from: old, made: made, op)
    slots.inside = step.inside
    if !step.entered.isEmpty {
      slots[SetTable.sessionLane] = beginSession(
        step, from: slots[SetTable.sessionLane], Self.way(by: step.entered, op), opid: opid, &draft)
    } else if step.inside.isEmpty {
      if slots[SetTable.sessionLane] != 0 { state.sessions.noteMove() }
      slots[SetTable.sessionLane] = 0
    }
  }

  private func step(
    into slots: SetTable.Slots, from old: SetTable.Slots?, made: SlotSet,
    _ op: (NamespaceSlot) -> Operation
  ) -> SessionStep {
    var step = SessionStep(inside: slots.inside)
    var coming = SlotSet.none
    for slot in SlotSet.all where slots[slot.rawValue] != old?[slot.rawValue] {
      // What a task makes is inside if what it was made from is, also where no hook saw it made.
      if made.contains(slot) || isFound(slots[slot.rawValue], op(slot)) { continue }
      coming.insert(slot)
    }
    if coming.isEmpty { return step }
    step.settingUp = containerSetUp(by: slots)
    let session = Set(state.sessions.containers(of: slots[SetTable.sessionLane]).elements.map(\.id))
    // Who is inside by its cgroup alone, or by a tag, is not at home there.
    let home = home(slots, old).subtracting(session)
    for slot in coming {
      step.come(into: state.inside(of: slots[slot.rawValue]), by: slot, home: home, session)
    }
    return step
  }

  /// Whether no task used the namespace, nor is it stained (T2), and this task did not enter it by setns.
  private func isFound(_ namespace: NamespaceTable.Index, _ op: Operation) -> Bool {
    op != .setns && !state.namespaces.isUsed(namespace) && state.list(of: namespace).isUnset
  }

  /// The containers that the task belongs to, or did before (T5: a task that moves within a container's
  /// namespaces may have another ID afterwards). A stranger does not belong to the innermost container of
  /// its cgroup.
  private func home(_ slots: SetTable.Slots, _ old: SetTable.Slots?) -> Set<ContainerID> {
    let label = slots[SetTable.labelLane]
    let own = state.containers[label].elements.map(\.id)
    if slots.isStranger, state.containers.origin(of: label) == .cgroup {
      return Set(own.dropFirst())
    }
    let before = state.containers[old?[SetTable.labelLane] ?? 0].elements.map(\.id)
    return Set(own + before)
  }

  /// Whether a task that comes into the cgroup of a container is a stranger there: it is inside by a
  /// session; or other processes have been in the container before, and it is in none of the namespaces.
  /// So are its children, also once they have left.
  /// - Parameter leader: the process of a task that comes with others of its threads.
  func isStranger(
    _ slots: SetTable.Slots, in found: CgroupContainers, after leader: TaskTable.Index? = nil
  ) -> Bool {
    guard !state.isFinding, let id = found.list.elements.first?.id else { return false }
    if state.sessions.containers(of: slots[SetTable.sessionLane]).contains(id) { return true }
    if state.containers[id] == nil { return false }
    if let leader, let its = slotsOf(state.tasks[leader].set),
      state.containers[its[SetTable.labelLane]].contains(id)
    {
      return its.isStranger
    }
    return !SlotSet.all.contains { state.list(of: slots[$0.rawValue]).contains(id) }
  }

  /// Begins a session of a task that comes out of another one, `former`, or of none. What it is still
  /// inside stays so.
  private mutating func beginSession(
    _ step: SessionStep, from former: SessionTable.Number, _ way: SessionRecord.Way, opid: UInt32,
    _ draft: inout EventDraft
  ) -> SessionTable.Number {
    var ids = Array(step.containers.sorted().prefix(ContainerList.limit))
    if !step.inside.subtracting(step.entered).isEmpty {
      let others = state.sessions.containers(of: former).elements.map(\.id)
      ids += others.filter { !step.containers.contains($0) }.prefix(ContainerList.limit - ids.count)
    }
    var session = SessionTable.Session(
      containers: ContainerList(ids.sorted().map { ContainerList.Element($0) }),
      entrant: draft.event.actor, exe: draft.event.exe, exeMarks: draft.event.exeMarks,
      settingUp: step.settingUp, way: way, opid: opid, beganNs: draft.event.bootNs)
    let number = state.beginSession(&session)
    draft.event.add(SessionRecord(verb: .begin, session, of: number, way, opid: opid))
    return number
  }

  /// How a task came in, or went, by these slots: the kinds, and what it did with the first.
  static func way(by slots: SlotSet, _ op: (NamespaceSlot) -> Operation) -> SessionRecord.Way {
    var way = SessionRecord.Way(nil)
    for slot in slots {
      // No namespace that a task enters or leaves is one that its call has made.
      way.op = way.op ?? op(slot).notMaking(isNew: false)
      if way.kinds.last != slot.kind { way.kinds.append(slot.kind) }
    }
    return way
  }

  /// How a task went that leaves its session: by the slots in which it was inside, or, if it is still
  /// inside by those, by the others that it changed.
  static func way(
    by slots: SetTable.Slots, leaving old: SetTable.Slots?, _ op: (NamespaceSlot) -> Operation
  ) -> SessionRecord.Way {
    var changed = SlotSet.none
    for slot in SlotSet.all where slots[slot.rawValue] != old?[slot.rawValue] {
      changed.insert(slot)
    }
    let left = changed.intersection(old?.inside ?? .none)
    return way(by: left.isEmpty ? changed : left, op)
  }

  /// The session that a move's records name: the one that the task is in afterwards, or else the one
  /// that it leaves.
  static func session(
    of slots: SetTable.Slots, leaving old: SetTable.Slots?
  ) -> SessionTable.Number {
    let session = slots[SetTable.sessionLane]
    return session != 0 ? session : old?[SetTable.sessionLane] ?? 0
  }

  /// Names the acting task's containers, and its session (R4, T4).
  func setActor(_ index: TaskTable.Index?, _ draft: inout EventDraft) {
    guard let index else { return }
    draft.event.actorContainers = containers(of: index)
    draft.event.actorSession = session(of: state.tasks[index])
  }

  func session(of task: TaskTable.Entry) -> SessionTable.Number {
    slotsOf(task.set)?[SetTable.sessionLane] ?? 0
  }

  /// Notes what a session is inside, for the event's CONTAINER_ID records.
  func note(session number: SessionTable.Number, _ draft: inout EventDraft) {
    if number != 0, let visit = state.sessions.visit(number) { draft.event.add(visit) }
  }
}

// MARK: - Found by the first snapshot

extension Tracker where Sink: ~Copyable {
  /// Begins a session for the tasks without an ID that the first snapshot has found in containers'
  /// namespaces, unless they are inside those already. Those in one set share it, because nothing shows
  /// which of them came in.
  mutating func findSessions(at time: UInt64) {
    if !state.hasLists { return }
    // By the session that they come out of; 0: of none.
    var known: [SessionTable.Number: [[NamespaceID]: SessionTable.Number]] = [:]
    for task in state.tasks.sorted {
      guard let index = state.tasks.find(task.tid), let (place, step) = place(found: task) else {
        continue
      }
      var draft = begin(at: time, subject: lastKnownSubject(of: task))
      setProgram(of: index, &draft)
      let former = session(of: task)
      var number = step.entered.isEmpty ? former : place.flatMap { known[former]?[$0] } ?? 0
      if number == 0 {
        let way = Self.way(by: step.entered) { _ in .late }
        number = beginSession(step, from: former, way, opid: task.tid, &draft)
      }
      if let place, number != former { known[former, default: [:]][place] = number }
      setSession(of: index, number, step.inside, &draft)
      draft.endSession(opid: task.tid, SessionRecord.Way(.late))
      draft.event.actorSession = number
      finish(draft, about: task.tid)
    }
  }

  /// The namespaces of a task without ID, and where it is inside; nil: nowhere, or only where its session
  /// is. Without namespaces it shares them with no other task: the numbers of some are others' by now.
  private func place(found task: TaskTable.Entry) -> ([NamespaceID]?, SessionStep)? {
    guard let slots = slotsOf(task.set), slots[SetTable.labelLane] == 0 else { return nil }
    var ended = SlotSet.none
    for slot in SlotSet.all where state.namespaces[slots[slot.rawValue]].hasEnded {
      ended.insert(slot)
    }
    let step = step(into: slots, from: nil, made: ended) { _ in .late }
    if step.entered.isEmpty, step.inside.lane == slots.inside.lane { return nil }
    return (ended.isEmpty ? state.namespaces(in: slots) : nil, step)
  }

  mutating func setSession(
    of index: TaskTable.Index, _ number: SessionTable.Number, _ inside: SlotSet,
    isStranger: Bool = false, _ draft: inout EventDraft
  ) {
    guard var slots = slotsOf(state.tasks[index].set) else { return }
    slots[SetTable.sessionLane] = number
    slots.inside = inside
    slots.isStranger = isStranger
    let left = state.tasks[index].set
    state.changeStay(of: index, from: slotsOf(left), to: slots, at: draft.event.bootNs)
    state.tasks[index].set = state.enter(slots, told: state.sets.told(left))
    state.leave(left, &draft.ended)
  }
}
