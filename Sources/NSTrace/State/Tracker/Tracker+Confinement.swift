// SPDX-License-Identifier: Apache-2.0

package import CNSWire

// MARK: - L1, L3, L4: no_new_privs and seccomp

/// No record reports prctl(2) and seccomp(2). A task's confinement comes with each of its records,
/// with a fork's too, and for all tasks when a client asks.
extension Tracker where Sink: ~Copyable {
  package mutating func confined(_ event: nst_confined) {
    guard let index = known(event.task) else { return }
    confine(index, Confinement(event), at: event.hdr.time_ns)
  }

  /// Whether the task is known, and this confinement exceeds the known one.
  package func isNews(of task: nst_task_id, _ confinement: Confinement) -> Bool {
    known(task).map { confines($0, confinement) } ?? false
  }

  /// As `confine`, in an event of its own, which is written if it has a record.
  mutating func confine(
    _ index: TaskTable.Index, _ confinement: Confinement, at time: UInt64
  ) {
    guard confines(index, confinement) else { return }
    var draft = begin(at: time, subject: lastKnownSubject(of: state.tasks[index]))
    setProgram(of: index, &draft)
    setActor(index, &draft)
    confine(index, confinement, &draft)
    finish(draft, about: state.tasks[index].tid)
  }

  /// Whether `confinement` exceeds the task's known one.
  func confines(_ index: TaskTable.Index, _ confinement: Confinement) -> Bool {
    let known = state.tasks[index].confinement
    return known != confinement && known != known.joined(with: confinement)
  }

  /// Adds `confinement` to what is known of the task.
  mutating func confine(
    _ index: TaskTable.Index, _ confinement: Confinement, _ draft: inout EventDraft
  ) {
    guard confines(index, confinement) else { return }
    state.tasks[index].confinement = state.tasks[index].confinement.joined(with: confinement)
    countConfinement(of: index)
    guard let slots = slotsOf(state.tasks[index].set), slots[SetTable.labelLane] != 0 else {
      return
    }
    let left = state.tasks[index].set
    state.tasks[index].set = reenter(left, confined: state.tasks[index].confinement)
    state.leave(left, &draft.ended)
    tellConfinements(opid: state.tasks[index].tid, &draft)
  }

  /// Updates the count of the subject's cgroup by the task's confinement.
  mutating func countConfinement(of index: TaskTable.Index) {
    let (id, confinement) = (state.tasks[index].subject, state.tasks[index].confinement)
    guard let counted = state.subjects.confinement(of: id), counted != confinement,
      let subject = state.subjects[id]
    else { return }
    setSubject(
      of: index,
      state.subjects.insert(
        subject, sameProgramAs: id, in: state.subjects.cgroups(of: id), confinement))
  }

  /// Adds a task to the set that differs from `set` only in confinement.
  mutating func reenter(_ set: SetTable.ID, confined confinement: Confinement) -> SetTable.ID {
    guard var slots = slotsOf(set) else { return set }
    slots.tag(confinement)
    return state.enter(slots, told: state.sets.told(set))
  }

  /// Writes the changes of confinement that a new task made, in an event of its own.
  mutating func tellConfinements(by id: nst_task_id, at time: UInt64) {
    guard state.containers.hasReconfined || state.subjects.crowds.hasReconfined,
      let index = known(id)
    else { return }
    var draft = begin(at: time, subject: lastKnownSubject(of: state.tasks[index]))
    setProgram(of: index, &draft)
    setActor(index, &draft)
    tellConfinements(opid: id.tid, &draft)
    finish(draft, about: id.tid)
  }

  /// L4: adds a record for each container whose tasks' confinement differs from the last one
  /// recorded. A container begins with neither.
  mutating func tellConfinements(opid: UInt32, _ draft: inout EventDraft) {
    for id in state.containers.takeReconfined() {
      guard let change = state.containers.tell(id) else { continue }
      draft.event.containers.append(
        ContainerRecord(
          verb: .update, opid: opid, id: id, old: ContainerList([.init(id)]),
          name: state.containers[id]?.name ?? [], confinement: change))
    }
  }

  /// L1: the same for cgroups, with or without containers.
  mutating func tellCgroups(opid: UInt32, _ draft: inout EventDraft) {
    for key in state.subjects.crowds.takeReconfined() {
      guard let change = state.subjects.crowds.tell(key) else { continue }
      let path = state.cgroups.path(of: key) ?? BoundedText()
      draft.event.containers.append(
        ContainerRecord(
          verb: .update, opid: opid, id: .unset, old: ContainerList(), name: [],
          confinement: change, cgroup: path.keepingEnd(NamespaceState.printedPathLimit)))
    }
  }
}

extension SetTable.Slots {
  /// Sets the confinement lane. Only sets with a label have it.
  mutating func tag(_ confinement: Confinement) {
    self[SetTable.confinementLane] =
      self[SetTable.labelLane] == 0 ? 0 : UInt32(confinement.code)
  }
}
