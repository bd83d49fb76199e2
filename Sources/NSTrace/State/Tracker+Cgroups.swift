// SPDX-License-Identifier: Apache-2.0

public import CBPF

// MARK: - Records

extension Tracker where Sink: ~Copyable {
  public mutating func cgroup(_ event: nst_cgroup, path: RawSpan) {
    let key = CgroupTable.Key(hierarchy: event.hierarchy, id: event.id)
    if event.hdr.flags & UInt16(NST_FLAG_REMOVED) != 0 {
      state.cgroups.remove(key)
    } else {
      state.cgroups.insert(key, path: [UInt8](path))
    }
  }

  public mutating func attach(_ event: nst_attach) {
    // Who is not known yet is told of by a record of its own.
    guard let index = known(event.task), state.tasks[index].subject != .unknown else { return }
    let time = event.hdr.time_ns
    let old = cgroups(of: index)
    let place = old.seen(in: event.cgroup_id, at: time)
      .seen(inV1: event.v1_cgroup_id, of: event.hierarchy, at: time)
    guard place != old else { return }
    begin(at: time, subject: event.subject)
    setCgroups(of: index, place)
    let actor = known(event.subject.task)
    setProgram(of: actor)
    self.event.isAttach = true
    self.event.actorContainers = actor.map { containers(of: $0) } ?? ContainerList()
    followCgroup(index)
    finish()
  }

  private mutating func setCgroups(of index: TaskTable.Index, _ place: CgroupPlace) {
    let old = state.tasks[index].subject
    guard let subject = state.subjects[old] else { return }
    setSubject(of: index, state.subjects.insert(subject, sameProgramAs: old, in: place))
  }
}

// MARK: - What follows from them

extension Tracker where Sink: ~Copyable {
  func cgroups(of index: TaskTable.Index?) -> CgroupPlace {
    index.map { state.subjects.cgroups(of: state.tasks[$0].subject) } ?? CgroupPlace()
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
    guard label == 0, containerSource == .cgroup,
      let found = state.cgroups.containers(of: cgroups)
    else { return label }
    return state.containers.intern(found)
  }

  /// A task that was not registered carries what its cgroup says: if that is something else now, it
  /// joins one container or leaves another, which is told (T14).
  mutating func followCgroup(_ index: TaskTable.Index) {
    guard containerSource == .cgroup, let slots = slotsOf(state.tasks[index].set) else { return }
    let label = slots[SetTable.labelLane]
    guard label == 0 || state.containers.origin(of: label) == .cgroup,
      let found = state.cgroups.containers(of: cgroups(of: index)),
      found.list != state.containers[label]
    else { return }
    let old = state.containers[label]
    let opid = state.tasks[index].tid
    let ended = relabel(index, state.containers.intern(found))
    // Where all have ended with it their ends say that it has left.
    if !found.list.isUnset || ended.count < old.elements.count {
      event.containers.append(
        ContainerRecord(
          verb: .set, opid: opid, id: found.list.elements.first?.id ?? .unset, old: old,
          name: found.names.first ?? []))
    }
    drop(ended, opid: opid)
    tellAssignments(opid: opid)
  }
}
