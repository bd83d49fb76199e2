// SPDX-License-Identifier: Apache-2.0

// MARK: - T8: a container as a virtual machine

extension Tracker where Sink: ~Copyable {
  /// Writes lifecycle events for the containers that began, were refused, or ended in the event
  /// that was just written, with its time and subject.
  mutating func tellLifecycles(_ draft: inout EventDraft) {
    let records = draft.event.containers
    draft.event.namespaces.removeAll(keepingCapacity: true)
    draft.event.containers.removeAll(keepingCapacity: true)
    draft.event.sessions.removeAll(keepingCapacity: true)
    draft.event.visits.removeAll(keepingCapacity: true)
    draft.event.actorContainers = ContainerList()
    draft.event.actorSession = 0
    draft.event.call = nil
    draft.event.info = nil
    for record in records {
      switch record.verb {
      case .drop:
        for element in record.old.elements {
          tell(LifecycleRecord(step: .stop, id: element.id, name: record.name), &draft)
        }
      // A tag that was not taken is no start.
      case .set where !record.granted && record.source == nil:
        tell(lifecycle(.start, of: record), &draft)
      case .set where record.begins:
        // Its only task had ended, and another may have the tid.
        let isOver = records.contains { $0.verb == .drop && $0.old.contains(record.id) }
        tellStart(record, isOver ? [] : namespacesOfItsOwn(record.opid), &draft)
      case .set, .update: break
      }
    }
  }

  /// In the order of the specification: the machine's ID, its resources, its start.
  private mutating func tellStart(
    _ record: ContainerRecord, _ namespaces: [NamespaceID], _ draft: inout EventDraft
  ) {
    tell(lifecycle(.machineID, of: record), &draft)
    for namespace in namespaces {
      tell(lifecycle(.resource(namespace), of: record), &draft)
    }
    tell(lifecycle(.start, of: record), &draft)
  }

  private func lifecycle(
    _ step: LifecycleRecord.Step, of record: ContainerRecord
  ) -> LifecycleRecord {
    LifecycleRecord(
      step: step, id: record.id, name: record.name, pid: record.opid, granted: record.granted)
  }

  /// The namespaces of a task that are not the host's.
  private func namespacesOfItsOwn(_ tid: UInt32) -> [NamespaceID] {
    guard let index = state.tasks.find(tid), let slots = slotsOf(state.tasks[index].set) else {
      return []
    }
    let namespaces = state.namespaces(in: slots)
    return NamespaceSlot.allCases.filter(\.isMembership).map { namespaces[$0.rawValue] }
      .filter { !state.isHosts($0) }
  }

  private mutating func tell(_ record: LifecycleRecord, _ draft: inout EventDraft) {
    draft.event.lifecycle = record
    counters.events &+= 1
    draft.event.serial = counters.events
    draft.write(to: &sink)
  }
}
