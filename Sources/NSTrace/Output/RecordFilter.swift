// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Selects records. An empty set selects all.
package struct RecordFilter: Sendable, Equatable {
  /// The tgid or tid of the actor, or of the task that a record is about.
  package var pids: Set<UInt32> = []
  package var kinds: Set<NamespaceKind> = []
  package var operations: Set<Operation> = []
  /// A record is selected if one of its lists has one of these.
  package var containerIDs: Set<ContainerID> = []
  /// Whether refused operations are selected.
  package var includesRefused = true

  package init() {}

  /// Whether it selects everything, so that `reduce` need not be called.
  package var isEmpty: Bool {
    pids.isEmpty && kinds.isEmpty && operations.isEmpty && containerIDs.isEmpty && includesRefused
  }

  /// Removes the records from `event` that are not selected. A loss is always kept.
  /// - Returns: whether any record is left.
  package func reduce(_ event: inout AuditEvent) -> Bool {
    let isActor = event.subject.map { pids.contains($0.task.tgid) || pids.contains($0.task.tid) }
    // What an intruder does in a container belongs to the container, too (T4).
    let inside = event.visits.filter { names($0.containers) }.map(\.session)
    let isIntruder = inside.contains(event.actorSession)
    event.namespaces.removeAll { record in
      let isInside = isIntruder || (record.session.map(inside.contains) ?? false)
      return !wants(record, isActor: isActor ?? false, isInside: isInside)
    }
    event.sessions.removeAll { !wants($0, isActor: isActor ?? false) }
    event.containers.removeAll { !wants($0, isActor: isActor ?? false, isInside: isIntruder) }
    if event.containers.isEmpty { event.info = nil }
    if let record = event.lifecycle, !wants(record, isActor: isActor ?? false) {
      event.lifecycle = nil
    }
    return !event.isEmpty
  }

  /// Whether the list has one of the selected IDs.
  private func names(_ list: ContainerList) -> Bool {
    list.elements.contains { containerIDs.contains($0.id) }
  }

  private func wants(_ record: NamespaceRecord, isActor: Bool, isInside: Bool) -> Bool {
    if !record.granted && !includesRefused { return false }
    if !operations.isEmpty && !operations.contains(record.op) { return false }
    if !pids.isEmpty && !isActor && !pids.contains(record.opid) { return false }
    if !isInside && !wants(record.containers, record.namespaceContainers) { return false }
    guard !kinds.isEmpty else { return true }
    return record.kind.map(kinds.contains) ?? false
  }

  /// A session is no operation on a namespace and has no kind.
  private func wants(_ record: SessionRecord, isActor: Bool) -> Bool {
    if !operations.isEmpty || !kinds.isEmpty { return false }
    let isEntrant = record.entrant.map { pids.contains($0.pid) || pids.contains($0.tid) } ?? false
    if !pids.isEmpty && !isActor && !isEntrant && !pids.contains(record.opid) { return false }
    return wants(record.visit.containers)
  }

  /// A registration, or a container's end, is no operation on a namespace and has no kind.
  private func wants(_ record: ContainerRecord, isActor: Bool, isInside: Bool) -> Bool {
    if !record.granted && !includesRefused { return false }
    if !operations.isEmpty || !kinds.isEmpty { return false }
    if !pids.isEmpty && !isActor && !pids.contains(record.opid) { return false }
    return isInside || wants(ContainerList([.init(record.id)]), record.old)
  }

  private func wants(_ record: LifecycleRecord, isActor: Bool) -> Bool {
    if !record.granted && !includesRefused { return false }
    if !operations.isEmpty || !kinds.isEmpty { return false }
    if !pids.isEmpty && !isActor && !pids.contains(record.pid) { return false }
    return wants(ContainerList([.init(record.id)]))
  }

  private func wants(_ lists: ContainerList...) -> Bool {
    containerIDs.isEmpty || lists.contains(where: names)
  }
}
