// SPDX-License-Identifier: Apache-2.0

package import CNSWire

// MARK: - L1, L3, L4: no_new_privs and seccomp

/// prctl(2) and seccomp(2) are not traced: how a task is confined is read with each of its records, of a
/// fork too, and of all tasks when somebody asks.
extension Tracker where Sink: ~Copyable {
  package mutating func confined(_ event: nst_confined) {
    guard let index = known(event.task) else { return }
    confine(index, Confinement(event), at: event.hdr.time_ns)
  }

  /// Whether the task is known, and not known to be confined so.
  package func isNews(of task: nst_task_id, _ confinement: Confinement) -> Bool {
    known(task).map { confines($0, confinement) } ?? false
  }

  /// As `confine`, as an event of its own, if anything is to be said.
  mutating func confine(
    _ index: TaskTable.Index, _ confinement: Confinement, at time: UInt64
  ) {
    guard confines(index, confinement) else { return }
    var draft = begin(at: time, subject: lastKnownSubject(of: state.tasks[index]))
    setProgram(of: index, &draft)
    draft.event.actorContainers = containers(of: index)
    confine(index, confinement, &draft)
    finish(draft, about: state.tasks[index].tid)
  }

  /// Whether that is more than what is known of the task.
  func confines(_ index: TaskTable.Index, _ confinement: Confinement) -> Bool {
    let known = state.tasks[index].confinement
    return known != confinement && known != known.joined(with: confinement)
  }

  /// The task is confined in this way by now.
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

  /// The task's subject counts for its cgroup as the task is confined.
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

  /// One task more in the set that differs from another in how its tasks are confined alone.
  mutating func reenter(_ set: SetTable.ID, confined confinement: Confinement) -> SetTable.ID {
    guard var slots = slotsOf(set) else { return set }
    slots.tag(confinement)
    return state.enter(slots, told: state.sets.told(set))
  }

  /// As an event of its own, about a task that was just added.
  mutating func tellConfinements(by id: nst_task_id, at time: UInt64) {
    guard state.containers.hasReconfined || state.subjects.crowds.hasReconfined,
      let index = known(id)
    else { return }
    var draft = begin(at: time, subject: lastKnownSubject(of: state.tasks[index]))
    setProgram(of: index, &draft)
    draft.event.actorContainers = containers(of: index)
    tellConfinements(opid: id.tid, &draft)
    finish(draft, about: id.tid)
  }

  /// L4: what is true of all tasks of a container is no longer what was said last. One that begins is
  /// taken to have neither.
  mutating func tellConfinements(opid: UInt32, _ draft: inout EventDraft) {
    for id in state.containers.takeReconfined() {
      guard let change = state.containers.tell(id) else { continue }
      draft.event.containers.append(
        ContainerRecord(
          verb: .update, opid: opid, id: id, old: ContainerList([.init(id)]),
          name: state.containers[id]?.name ?? [], confinement: change))
    }
  }

  /// L1: the same of a cgroup, whether it is a container's or not.
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
  /// Tasks of containers are counted by how they are confined; of others nobody asks.
  mutating func tag(_ confinement: Confinement) {
    self[SetTable.confinementLane] =
      self[SetTable.labelLane] == 0 ? 0 : UInt32(confinement.code)
  }
}
