// SPDX-License-Identifier: Apache-2.0

package import CNSWire

// MARK: - Records

extension Tracker where Sink: ~Copyable {
  package mutating func cgroup(_ event: nst_cgroup, path: RawSpan) {
    let key = CgroupID(hierarchy: event.hierarchy, id: event.id)
    if event.hdr.flags & UInt16(NST_FLAG_REMOVED) != 0 {
      state.cgroups.remove(key)
    } else {
      // From 1.4 on, CGROUP_IN reports longer paths. Before, they were cut to NST_PATH_BYTES - 1.
      let isWhole = path.byteCount < Int(NST_PATH_BYTES) - 1
      state.cgroups.insert(
        key, path: BoundedText([UInt8](path), cut: isWhole ? nil : .end), believed: event.believed)
      forgetCgroups(at: event.hdr.time_ns)
    }
  }

  package mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan) {
    let key = CgroupID(hierarchy: event.hierarchy, id: event.id)
    if event.hdr.flags & UInt16(NST_FLAG_REMOVED) != 0 {
      state.cgroups.remove(key)
    } else {
      let parent = CgroupID(hierarchy: event.hierarchy, id: event.parent_id)
      state.cgroups.insert(key, name: [UInt8](name), in: parent, believed: event.believed)
      forgetCgroups(at: event.hdr.time_ns)
    }
  }

  /// Forgets cgroups without tasks if there are too many, and records how many.
  private mutating func forgetCgroups(at time: UInt64) {
    guard state.cgroups.isFull else { return }
    let count = state.cgroups.forget(using: state.subjects.cgroupsInUse)
    if count > 0 {
      lost(nst_lost(forgotten: UInt32(clamping: count), of: NST_KIND_CGROUP, at: time))
    }
  }

  package mutating func attach(_ event: nst_attach) {
    if let actor = known(event.subject.task) {
      confine(actor, Confinement(event.subject), at: event.hdr.time_ns)
    }
    if let index = known(event.task) { attach(event, index) } else { remember(event) }
    guard event.isOfProcess else { return }
    for index in state.tasks.threads(of: event.task.tgid) { attach(event, index) }
  }

  private mutating func attach(_ event: nst_attach, _ index: TaskTable.Index) {
    enter(cgroups(of: index).seen(in: event), index, event)
  }

  mutating func enter(_ place: CgroupPlace, _ index: TaskTable.Index, _ event: nst_attach) {
    guard place != cgroups(of: index), state.tasks[index].subject != .unknown else { return }
    var draft = begin(at: event.hdr.time_ns, subject: event.subject)
    setCgroups(of: index, place)
    let actor = known(event.subject.task)
    // In a snapshot each task's ATTACH names the task itself as subject.
    state.isFinding = isWalking && actor == index
    setProgram(of: actor, &draft)
    draft.event.isAttach = true
    setActor(actor, &draft)
    followCgroup(index, &draft)
    if state.isFinding, let label = slotsOf(state.tasks[index].set)?[SetTable.labelLane] {
      state.containers.noteFound(label, startedAt: state.tasks[index].startNs)
    }
    finish(draft, about: state.tasks[index].tid)
  }

  /// Keeps the ATTACH of an unknown task, which is about to be born. If its birth was lost, a
  /// snapshot reports the task later.
  private mutating func remember(_ event: nst_attach) {
    if unborn.count >= Self.unbornLimit { unborn.removeAll() }
    unborn[event.task.tid] = event
  }

  /// Far more than there are CPUs on which a birth can be under way.
  private static var unbornLimit: Int { 4096 }

  mutating func takeUnborn(_ id: nst_task_id) -> nst_attach? {
    if unborn.isEmpty { return nil }
    guard unborn[id.tid]?.task.start_ns == id.start_ns else { return nil }
    return unborn.removeValue(forKey: id.tid)
  }

  mutating func setCgroups(of index: TaskTable.Index, _ place: CgroupPlace) {
    let old = state.tasks[index].subject
    guard place != state.subjects.cgroups(of: old), let subject = state.subjects[old] else {
      return
    }
    setSubject(
      of: index,
      state.subjects.insert(
        subject, sameProgramAs: old, in: place, state.tasks[index].confinement))
  }
}

extension nst_cgroup {
  /// The number of the path's components that root has named.
  fileprivate var believed: UInt16 { delegated == 0 ? .max : delegated - 1 }
}

extension nst_cgroup_in {
  /// The number of the path's components that root has named.
  fileprivate var believed: UInt16 { delegated == 0 ? .max : delegated - 1 }
}

// MARK: - Containers by cgroup

extension Tracker where Sink: ~Copyable {
  func cgroups(of index: TaskTable.Index?) -> CgroupPlace {
    guard let index else { return CgroupPlace() }
    return state.subjects.cgroups(of: state.tasks[index].subject)
  }

  /// The task's cgroups after a TASK record. A snapshot's record without NST_FLAG_CGROUP_V1 means
  /// the root of v1; with it, an ATTACH follows.
  func cgroups(of index: TaskTable.Index, seenBy event: nst_task) -> CgroupPlace {
    let place = cgroups(of: index).seen(in: event.subject.cgroup_id, at: event.hdr.time_ns)
    let flags = Int32(event.hdr.flags)
    guard flags & (NST_FLAG_LATE | NST_FLAG_CGROUP_V1) == 0 else { return place }
    return place.seen(inV1: 0, of: 0, at: event.hdr.time_ns)
  }

  /// The label of a task that was unknown: that of its registration, else, with `--containers
  /// cgroup`, that of its cgroup.
  mutating func firstLabel(
    ofRegistration number: UInt32, in cgroups: CgroupPlace
  ) -> ContainerTable.Label {
    let label = state.containers.label(ofRegistration: number)
    guard label == 0, options.containers == .cgroup else { return label }
    state.cgroups.findContainers(of: cgroups)
    guard let found = state.cgroups.containers(of: cgroups)
    else { return label }
    return state.containers.intern(found)
  }

  /// Gives an unregistered task the containers of its cgroup. A difference is a join or a leave,
  /// and gets a record (T14).
  mutating func followCgroup(_ index: TaskTable.Index, _ draft: inout EventDraft) {
    guard let slots = slotsOf(state.tasks[index].set) else { return }
    let label = slots[SetTable.labelLane]
    guard let found = other(than: label, in: cgroups(of: index)) else { return }
    let old = state.containers[label]
    let opid = state.tasks[index].tid
    let begins = isNew(found)
    let (tid, tgid) = (state.tasks[index].tid, state.tasks[index].tgid)
    let leader = tid == tgid ? nil : state.tasks.find(tgid)
    let isStranger = isStranger(slots, in: found, after: leader)
    relabel(index, state.containers.intern(found), isStranger: isStranger, &draft)
    // If all its containers have ended with this, their ends report the leave.
    if !found.list.isUnset || draft.ended.containers.count < old.elements.count {
      tell(found, old, begins: begins, opid: opid, &draft)
    }
    draft.dropEnded(opid: opid)
    tellAssignments(opid: opid, &draft)
  }

  /// The same for a task that is being born, whose slots have the inherited label.
  mutating func join(
    _ slots: inout SetTable.Slots, in place: CgroupPlace, opid: UInt32, _ draft: inout EventDraft
  ) {
    let label = slots[SetTable.labelLane]
    guard let found = other(than: label, in: place) else { return }
    tell(found, state.containers[label], begins: isNew(found), opid: opid, &draft)
    slots.isStranger = isStranger(slots, in: found)
    slots[SetTable.labelLane] = state.containers.intern(found)
  }

  /// The containers that a task with this label gets in these cgroups; nil: those that it has, or
  /// its label does not come from a cgroup.
  private mutating func other(
    than label: ContainerTable.Label, in place: CgroupPlace
  ) -> CgroupContainers? {
    guard options.containers == .cgroup,
      label == 0 || state.containers.origin(of: label) == .cgroup
    else { return nil }
    state.cgroups.findContainers(of: place)
    guard let found = state.cgroups.containers(of: place), found.list != state.containers[label]
    else { return nil }
    return found
  }

  /// Whether no task is in the innermost container yet.
  private func isNew(_ found: CgroupContainers) -> Bool {
    found.list.elements.first.map { state.containers[$0.id] == nil } ?? false
  }

  private func tell(
    _ found: CgroupContainers, _ old: ContainerList, begins: Bool, opid: UInt32,
    _ draft: inout EventDraft
  ) {
    draft.event.containers.append(
      ContainerRecord(
        verb: .set, opid: opid, id: found.list.elements.first?.id ?? .unset, old: old,
        name: found.names.first ?? [], source: .cgroup, begins: begins))
  }
}
