// SPDX-License-Identifier: Apache-2.0

package import CNSWire

// MARK: - Explained reports

extension Tracker: EffectWitness where Sink: ~Copyable {
  package mutating func takeDeclined() -> [NamespaceID] {
    defer {
      declined.removeAll()
      hasDeclined = false
    }
    return declined
  }

  package func unexplained(_ task: nst_task_id, in set: nst_set) -> [NamespaceID] {
    guard let index = known(task) else { return [] }
    return unexplained(changedSlots(of: state.tasks[index].set, to: set), of: set)
  }

  /// Declines a report that names a namespace as older than the call while no record explains it:
  /// the namespace's maker, or another user, has yet to report.
  /// - Returns: whether the report was declined.
  package mutating func decline(_ event: nst_switch) -> Bool {
    guard event.call.result >= 0,
      let index = placed(known(event.subject.task), at: event.hdr.time_ns)
    else { return false }
    let claimed = claimed(by: event.call, of: index, in: event.set)
    return decline(unexplained(claimed.slots.subtracting(claimed.made), of: event.set))
  }

  /// Declines a TASK record in which a task has moved where no hook saw it, on the same terms.
  /// - Returns: whether the record was declined.
  package mutating func decline(_ event: nst_task) -> Bool {
    guard event.hdr.flags & UInt16(NST_FLAG_LATE) != 0,
      let index = placed(known(event.subject.task), at: event.hdr.time_ns)
    else { return false }
    let changed = changedSlots(of: state.tasks[index].set, to: event.set)
    return decline(unexplained(changed, of: event.set))
  }

  /// Declines an EXEC whose task has moved where no hook saw it, on the same terms.
  /// - Returns: whether the record was declined.
  package mutating func decline(_ event: nst_exec) -> Bool {
    let isByThread = event.old_tid != event.subject.task.tid
    let index = isByThread ? thread(calling: event) : known(event.subject.task)
    guard let index = placed(index, at: event.hdr.time_ns) else { return false }
    let changed = changedSlots(of: state.tasks[index].set, to: event.set)
    return !changed.isEmpty && decline(unexplained(changed, of: event.set))
  }

  private mutating func decline(_ ids: [NamespaceID]) -> Bool {
    (declined, hasDeclined) = (ids, !ids.isEmpty)
    return hasDeclined
  }

  /// The task if its set is known and was not reported later than `time`; nil while records are
  /// missing or the stream has no censuses.
  private func placed(_ index: TaskTable.Index?, at time: UInt64) -> TaskTable.Index? {
    guard hasCensus, phase == .following, !isUnsure, let index,
      state.tasks[index].set != .unknown, time >= state.tasks[index].asOfNs
    else { return nil }
    return index
  }

  private func unexplained(_ slots: SlotSet, of set: nst_set) -> [NamespaceID] {
    var ids: [NamespaceID] = []
    for slot in slots where !isExplained(set[slot]) && !ids.contains(set[slot]) {
      ids.append(set[slot])
    }
    return ids
  }

  /// Whether a known namespace has this ID. A number alone also needs a user or FREED records: an
  /// unused number may be another namespace's by now.
  private func isExplained(_ id: NamespaceID) -> Bool {
    guard let index = state.namespaces.find(id) else { return false }
    return id.nsid != 0 || tellsFreed || state.namespaces.isUsed(index)
  }
}
