// SPDX-License-Identifier: Apache-2.0

package import CNSWire

// MARK: - Records

extension Tracker where Sink: ~Copyable {
  package mutating func cgroup(_ event: nst_cgroup, path: RawSpan) {
    let key = CgroupID(hierarchy: event.hierarchy, id: event.id)
    if event.hdr.flags & UInt16(NST_FLAG_REMOVED) != 0 {
      state.cgroups.remove(key)
    } else {
      // From 1.4 on CGROUP_IN tells of longer ones; before, they are cut to that.
      let isWhole = path.byteCount < Int(NST_PATH_BYTES) - 1
      state.cgroups.insert(key, path: BoundedText([UInt8](path), cut: isWhole ? nil : .end))
    }
  }

  package mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan) {
    let key = CgroupID(hierarchy: event.hierarchy, id: event.id)
    if event.hdr.flags & UInt16(NST_FLAG_REMOVED) != 0 {
      state.cgroups.remove(key)
    } else {
      let parent = CgroupID(hierarchy: event.hierarchy, id: event.parent_id)
      state.cgroups.insert(key, name: [UInt8](name), in: parent)
    }
  }

  package mutating func attach(_ event: nst_attach) {
    if let actor = known(event.subject.task) {
      confine(actor, Confinement(event.subject), at: event.hdr.time_ns)
    }
    guard let index = known(event.task) else { return remember(event) }
    enter(cgroups(of: index).seen(in: event), index, event)
  }

  mutating func enter(_ place: CgroupPlace, _ index: TaskTable.Index, _ event: nst_attach) {
    guard place != cgroups(of: index), state.tasks[index].subject != .unknown else { return }
    var draft = begin(at: event.hdr.time_ns, subject: event.subject)
    setCgroups(of: index, place)
    let actor = known(event.subject.task)
    // In a snapshot the task tells of itself.
    state.isFinding = isWalking && actor == index
    setProgram(of: actor, &draft)
    draft.event.isAttach = true
    draft.event.actorContainers = actor.map { containers(of: $0) } ?? ContainerList()
    followCgroup(index, &draft)
    if state.isFinding, let label = slotsOf(state.tasks[index].set)?[SetTable.labelLane] {
      state.containers.noteFound(label, startedAt: state.tasks[index].startNs)
    }
    finish(draft, about: state.tasks[index].tid)
  }

  /// It is about to be born; or its birth was lost, and then a snapshot tells of it.
  private mutating func remember(_ event: nst_attach) {
    if unborn.count >= Self.unbornLimit { unborn.removeAll() }
    unborn[event.task.tid] = event
  }

  /// Far more than there are CPUs that could be about to tell of a birth.
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

// MARK: - What follows from them

extension Tracker where Sink: ~Copyable {
  func cgroups(of index: TaskTable.Index?) -> CgroupPlace {
    guard let index else { return CgroupPlace() }
    return state.subjects.cgroups(of: state.tasks[index].subject)
  }

  /// A snapshot says of v1 that an ATTACH follows, or that the task is in its root.
  func cgroups(of index: TaskTable.Index, seenBy event: nst_task) -> CgroupPlace {
    let place = cgroups(of: index).seen(in: event.subject.cgroup_id, at: event.hdr.time_ns)
    let flags = Int32(event.hdr.flags)
    guard flags & (NST_FLAG_LATE | NST_FLAG_CGROUP_V1) == 0 else { return place }
    return place.seen(inV1: 0, of: 0, at: event.hdr.time_ns)
  }

  /// The label of a task that nothing was known of: by the number that it carries, or else, where
  /// that is wanted, by its cgroup.
  mutating func firstLabel(
    ofRegistration number: UInt32, in cgroups: CgroupPlace
  ) -> ContainerTable.Label {
    let label = state.containers.label(ofRegistration: number)
    guard label == 0, options.containers == .cgroup,
      let found = state.cgroups.containers(of: cgroups)
    else { return label }
    return state.containers.intern(found)
  }

  /// A task that was not registered carries what its cgroup says: if that is something else now, it
  /// joins one container or leaves another, which is told (T14).
  mutating func followCgroup(_ index: TaskTable.Index, _ draft: inout EventDraft) {
    guard let slots = slotsOf(state.tasks[index].set) else { return }
    let label = slots[SetTable.labelLane]
    guard let found = other(than: label, in: cgroups(of: index)) else { return }
    let old = state.containers[label]
    let opid = state.tasks[index].tid
    let begins = isNew(found)
    relabel(index, state.containers.intern(found), &draft)
    // Where all have ended with it their ends say that it has left.
    if !found.list.isUnset || draft.ended.containers.count < old.elements.count {
      tell(found, old, begins: begins, opid: opid, &draft)
    }
    draft.dropEnded(opid: opid)
    tellAssignments(opid: opid, &draft)
  }

  /// The same of a task that is being born, with the label that it would inherit.
  mutating func join(
    _ label: inout UInt32, in place: CgroupPlace, opid: UInt32, _ draft: inout EventDraft
  ) {
    guard let found = other(than: label, in: place) else { return }
    tell(found, state.containers[label], begins: isNew(found), opid: opid, &draft)
    label = state.containers.intern(found)
  }

  /// What a task with that label has to carry in those cgroups; nil: what it carries.
  private func other(
    than label: ContainerTable.Label, in place: CgroupPlace
  ) -> CgroupContainers? {
    guard options.containers == .cgroup,
      label == 0 || state.containers.origin(of: label) == .cgroup,
      let found = state.cgroups.containers(of: place), found.list != state.containers[label]
    else { return nil }
    return found
  }

  /// No task is in its innermost container as yet.
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
        name: found.names.first ?? [], begins: begins))
  }
}
