// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Selects records. An empty set selects all.
package struct RecordFilter: Sendable, Equatable {
  /// The tgid or tid of the actor, or of the task that a record is about.
  package var pids: Set<UInt32> = []
  package var kinds: Set<NamespaceKind> = []
  package var operations: Set<Operation> = []
  /// What records are about.
  package var classes: Set<RecordClass> = []
  /// Who causes them.
  package var actor = ActorFilter()
  /// A record is selected if one of its lists has one of these.
  package var containers = ContainerChoice()
  /// A record is left out if one of its lists has one of these.
  package var excludedContainers = ContainerChoice()
  /// An event is selected if it has a record of one of these types.
  package var types = RecordTypeChoice()
  /// Records of these types are left out.
  package var excludedTypes = RecordTypeChoice()
  /// An event is selected if it has one of these keys, which audit rules give.
  package var keys: [[UInt8]] = []
  /// An event is left out if it has one of these keys.
  package var excludedKeys: [[UInt8]] = []
  /// Whether refused operations are selected.
  package var includesRefused = true

  package init() {}

  /// Exactly these IDs.
  package var containerIDs: Set<ContainerID> {
    get { containers.ids }
    set { containers = ContainerChoice(newValue) }
  }

  /// Whether it selects everything, so that `reduce` need not be called.
  package var isEmpty: Bool {
    pids.isEmpty && kinds.isEmpty && operations.isEmpty && classes.isEmpty && actor.isEmpty
      && includesRefused && namesNothing
  }

  private var namesNothing: Bool {
    containers.isEmpty && excludedContainers.isEmpty && types.isEmpty && excludedTypes.isEmpty
      && keys.isEmpty && excludedKeys.isEmpty
  }

  /// Learns the name of a container.
  package mutating func note(name: [UInt8], of id: ContainerID) {
    containers.note(name, of: id)
    excludedContainers.note(name, of: id)
  }

  /// Learns that a container has ended.
  mutating func noteEnd(of id: ContainerID) {
    containers.noteEnd(of: id)
    excludedContainers.noteEnd(of: id)
  }

  /// Removes the records from `event` that are not selected. A loss is always kept.
  /// - Returns: whether any record is left.
  package func reduce(_ event: inout AuditEvent) -> Bool {
    if event.lost != nil { return true }
    guard types.isEmpty || types.isIn(event), wantsKey, actor.selects(event) else { return false }
    reduceContainers(of: &event)
    if !classes.isEmpty { removeOtherClasses(from: &event) }
    if !excludedTypes.isEmpty { removeExcluded(from: &event) }
    return !event.isEmpty
  }

  private func removeOtherClasses(from event: inout AuditEvent) {
    event.namespaces.removeAll { !classes.contains(RecordClass($0)) }
    if !classes.contains(.session) { event.sessions.clear() }
    event.containers.removeAll { !classes.contains($0.granted ? .container : .refused) }
    if event.containers.isEmpty { event.info = nil }
    if let record = event.lifecycle, !classes.contains(record.granted ? .container : .refused) {
      event.lifecycle = nil
    }
  }

  /// The key of each event of nstrace.
  private static let ownKey = Array("nstrace".utf8)

  private var wantsKey: Bool {
    (keys.isEmpty || keys.contains(Self.ownKey)) && !excludedKeys.contains(Self.ownKey)
  }

  /// SYSCALL and CONTAINER_ID stay: they are about the other records.
  private func removeExcluded(from event: inout AuditEvent) {
    event.namespaces.removeAll { excludedTypes.contains(RecordType($0.verb)) }
    if excludedTypes.contains(.containerSession) { event.sessions.clear() }
    if excludedTypes.contains(.containerOp) { event.containers.clear() }
    if excludedTypes.contains(.nsInfo) || event.containers.isEmpty { event.info = nil }
    if excludedTypes.contains(.proctitle) { event.proctitle.clear() }
    if let step = event.lifecycle?.step, excludedTypes.contains(RecordType(step)) {
      event.lifecycle = nil
    }
  }

  private func reduceContainers(of event: inout AuditEvent) {
    let isActor = event.subject.map { pids.contains($0.task.tgid) || pids.contains($0.task.tid) }
    // What an intruder does in a container belongs to the container, too (T4).
    let inside = event.visits.filter { containers.names($0.containers) }.map(\.session)
    let left = event.visits.filter { excludedContainers.names($0.containers) }.map(\.session)
    let isIntruder = inside.contains(event.actorSession)
    if left.contains(event.actorSession) { return event.removeRecords() }
    event.namespaces.removeAll { record in
      if record.session.map(left.contains) ?? false { return true }
      let isInside = isIntruder || (record.session.map(inside.contains) ?? false)
      return !wants(record, isActor: isActor ?? false, isInside: isInside)
    }
    event.sessions.removeAll { !wants($0, isActor: isActor ?? false) }
    event.containers.removeAll { !wants($0, isActor: isActor ?? false, isInside: isIntruder) }
    if event.containers.isEmpty { event.info = nil }
    if let record = event.lifecycle, !wants(record, isActor: isActor ?? false) {
      event.lifecycle = nil
    }
  }

  private func wants(_ record: NamespaceRecord, isActor: Bool, isInside: Bool) -> Bool {
    if !record.granted && !includesRefused { return false }
    if !operations.isEmpty && !operations.contains(record.op) { return false }
    if !pids.isEmpty && !isActor && !pids.contains(record.opid) { return false }
    if !wants(record.containers, record.namespaceContainers, isInside: isInside) { return false }
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
    return wants(ContainerList([.init(record.id)]), record.old, isInside: isInside)
  }

  private func wants(_ record: LifecycleRecord, isActor: Bool) -> Bool {
    if !record.granted && !includesRefused { return false }
    if !operations.isEmpty || !kinds.isEmpty { return false }
    if !pids.isEmpty && !isActor && !pids.contains(record.pid) { return false }
    return wants(ContainerList([.init(record.id)]))
  }

  /// - Parameter isInside: whether a selected container has it as what an intruder does.
  private func wants(_ lists: ContainerList..., isInside: Bool = false) -> Bool {
    if !excludedContainers.isEmpty, lists.contains(where: excludedContainers.names) { return false }
    return isInside || containers.isEmpty || lists.contains(where: containers.names)
  }
}

extension AuditEvent {
  fileprivate mutating func removeRecords() {
    namespaces.clear()
    sessions.clear()
    containers.clear()
    info = nil
    lifecycle = nil
  }
}
