// SPDX-License-Identifier: Apache-2.0

package import CNSWire

// MARK: - Registrations without a REGISTER

/// Registrations that were granted before the stream began, or by another tracer (docs/identity.md).
/// They are not judged again: their tasks carry their numbers.
extension Tracker where Sink: ~Copyable {
  package mutating func kept(_ event: nst_kept, name: RawSpan) {
    // Earlier ones belong to a REGISTER that never came.
    let members = Array(self.members.suffix(Int(event.members)))
    self.members.removeAll()
    let id = ContainerID(high: event.contid_high, low: event.contid_low)
    guard event.container != 0, !id.isUnset, !state.containers.hasRegistration(event.container)
    else { return }
    let old = state.containers.list(ofRegistration: event.previous)
    let list = policy.list(old, keeping: id)
    guard !policy.labelsSets, list.elements.count <= ContainerList.limit else {
      return passOver(event.container)
    }
    if name.byteCount > 0 { sink.note(name: [UInt8](name), of: id) }
    if phase == .waiting || phase == .starting {
      // They do not wait for a REGISTER, which would be of another registration.
      early.remove(event.container)
      state.containers.keep(id, as: list, number: event.container, facts(event, name))
    } else {
      join(event, [UInt8](name), list, from: old, members)
    }
  }

  /// Its end is recorded by a tracer with another policy, so a keeper may not forget it before.
  private mutating func passOver(_ number: UInt32) {
    if passedOver.count < ContainerTable.registrationLimit { passedOver.insert(number) }
  }

  private func facts(_ event: nst_kept, _ name: RawSpan) -> ContainerTable.Kept {
    ContainerTable.Kept(
      name: [UInt8](name), owners: event.ownerKeys, sinceNs: event.registered_ns,
      target: event.target_tid, isTakenOnEntry: event.isTakenOnEntry)
  }

  /// Another tracer has granted it meanwhile, and these tasks have its number.
  private mutating func join(
    _ event: nst_kept, _ name: [UInt8], _ list: ContainerList, from old: ContainerList,
    _ members: [nst_member]
  ) {
    let caller = state.tasks.find(event.caller_tid)
    var draft = begin(
      at: event.hdr.time_ns, subject: caller.flatMap { lastKnownSubject(of: state.tasks[$0]) })
    setProgram(of: caller, &draft)
    setActor(caller, &draft)
    var record = ContainerRecord(
      verb: .set, opid: event.target_tid,
      id: ContainerID(high: event.contid_high, low: event.contid_low), name: name)
    record.begins = state.containers[record.id] == nil
    state.containers.register(
      record.id, as: list, number: event.container, name: name, owners: event.ownerKeys,
      isTakenOnEntry: event.isTakenOnEntry)
    // A task with another list is in a container of its own, and stays there.
    let tids = bearers(of: event.container, among: members)
      .filter { state.registeredContainers(of: $0) == old }
    let born = early[event.container]
    early.remove(event.container)
    join(record, list, tids, number: event.container, born: born, &draft)
    _ = state.containers.discardUnused(record.id)
    tellAssignments(opid: event.target_tid, &draft)
    finish(draft)
  }

  /// The tids of the tasks that have a number: those that a walk found with it, and those that were
  /// born with it.
  private func bearers(of number: UInt32, among members: [nst_member]) -> [UInt32] {
    let found = members.filter { $0.container == number && known($0.task) != nil }.map(\.task.tid)
    let born = early[number].filter { tid in
      state.tasks.find(tid).map { state.tasks[$0].container == number } ?? false
    }
    return Set(found).union(born).sorted()
  }

  /// R11: the end of each container that ended while no tracer ran.
  mutating func dropUnseenKept(at time: UInt64) {
    for (id, kept) in state.containers.takeUnseenKept() {
      var draft = begin(at: time)
      var record = ContainerRecord(dropping: (id, kept.name), opid: kept.target)
      record.isLate = true
      draft.event.containers.append(record)
      finish(draft)
    }
  }
}

extension nst_kept {
  fileprivate var isTakenOnEntry: Bool { Int32(flags) & NST_REGISTER_ON_ENTRY != 0 }

  /// The owners: a C array imports as a tuple, which has no subscript.
  var ownerKeys: [ContainerTable.TaskKey] {
    let owners = unsafe withUnsafeBytes(of: owners) { bytes in
      unsafe Array(bytes.bindMemory(to: nst_task_id.self))
    }
    return owners.prefix { $0.tid != 0 }.map {
      ContainerTable.TaskKey(tid: $0.tid, startNs: $0.start_ns)
    }
  }
}
