// SPDX-License-Identifier: Apache-2.0

/// An event as a container sees it: what it, and what is nested in it, did or was done to (T16, T17).
/// docs/routes.md decides each field.
struct RouteView {
  let viewer: ContainerID
  let nesting: ContainerNesting

  /// Removes what the container may not see from an event.
  /// - Returns: whether any record is left.
  func reduce(_ event: inout AuditEvent) -> Bool {
    let actor = seen(event.actorContainers)
    let ownsSubject = !actor.isUnset
    reduceVisits(of: &event)
    event.actorContainers = actor
    if event.visit(event.actorSession) == nil { event.actorSession = 0 }
    let isActor = ownsSubject || event.actorSession != 0
    event.namespaces = event.namespaces.compactMap { seen($0, event.visits, isActor: isActor) }
    event.sessions = event.sessions.compactMap(seen)
    event.containers = event.containers.compactMap { seen($0, isActor: isActor) }
    event.info = event.info.flatMap { seen($0, event.namespaces) }
    if let record = event.lifecycle, !isSeen(record.id) { event.lifecycle = nil }
    hideProgram(of: &event, ownsSubject: ownsSubject)
    event.view = EventView(ownsSubject: ownsSubject)
    return !event.isEmpty
  }

  private func isSeen(_ id: ContainerID) -> Bool { nesting.isSeen(id, by: viewer) }

  private func seen(_ list: ContainerList) -> ContainerList {
    list.isUnset ? list : nesting.seen(list, by: viewer)
  }

  private func reduceVisits(of event: inout AuditEvent) {
    event.visits = event.visits.compactMap { visit in
      let containers = seen(visit.containers)
      return containers.isUnset
        ? nil : ContainerVisit(session: visit.session, containers: containers)
    }
  }

  /// A command line is the container's own only if a task of it started the program: a runtime's says where
  /// the container lies on the host.
  private func hideProgram(of event: inout AuditEvent, ownsSubject: Bool) {
    event.exe = []
    event.exeMarks = []
    if !ownsSubject || event.programOrigin == .unset || !isSeen(event.programOrigin) {
      event.proctitle = []
    }
  }
}

// MARK: - Records

extension RouteView {
  /// A record about a task of its own, a visitor or a namespace of its own; or about nobody's, if one of
  /// these caused it.
  private func seen(
    _ record: NamespaceRecord, _ visits: [ContainerVisit], isActor: Bool
  ) -> NamespaceRecord? {
    let (own, users) = (seen(record.containers), seen(record.namespaceContainers))
    let isNobodys = record.containers.isUnset && record.namespaceContainers.isUnset
    let isVisitor = visits.contains { $0.session == record.session }
    guard !own.isUnset || !users.isUnset || isVisitor || isActor && isNobodys else { return nil }
    var seen = record
    seen.old = nil
    if !isOwn(record, own, users) { (seen.namespace, seen.isPinned) = (nil, nil) }
    (seen.containers, seen.namespaceContainers) = (own, users)
    if own.isUnset { seen.setHash = nil }
    if !(isVisitor || record.session == 0 && !own.isUnset) { seen.session = nil }
    return seen
  }

  /// Whether the record's namespace is the container's: it is in the namespace's list, or one of its tasks
  /// made the namespace, ended it, or is the first or last of any container there.
  private func isOwn(
    _ record: NamespaceRecord, _ own: ContainerList, _ users: ContainerList
  ) -> Bool {
    if !users.isUnset { return true }
    if own.isUnset || !record.namespaceContainers.isUnset { return false }
    return record.verb != .change || record.op == .assign || record.op == .release
  }

  private func seen(_ record: SessionRecord) -> SessionRecord? {
    let containers = seen(record.visit.containers)
    if containers.isUnset { return nil }
    var seen = record
    // Some of the kinds may be of another's namespaces.
    if containers.elements.count < record.visit.containers.elements.count { seen.way.kinds = [] }
    seen.visit.containers = containers
    (seen.exe, seen.exeMarks, seen.names) = ([], [], [])
    return seen
  }

  /// A record about a container that it sees, about a task of such a one, or of what its own task
  /// did.
  private func seen(_ record: ContainerRecord, isActor: Bool) -> ContainerRecord? {
    let (isSeen, old) = (record.id != .unset && isSeen(record.id), seen(record.old))
    switch record.verb {
    case .drop where old.isUnset: return nil
    case .update where !isSeen && !(isActor && record.cgroup != nil): return nil
    case .set where !isSeen && old.isUnset && !isActor: return nil
    case .set, .drop, .update: break
    }
    var seen = record
    seen.old = old
    if !isSeen {
      seen.id = .unset
      if record.verb != .drop { seen.name = [] }
    }
    if record.cgroup != nil { seen.cgroup = BoundedText() }
    return seen
  }

  /// A registered task of its own, with the numbers of the namespaces that the event's records
  /// tell.
  private func seen(_ task: TaskSummary, _ records: [NamespaceRecord]) -> TaskSummary? {
    let containers = seen(task.containers)
    if containers.isUnset { return nil }
    let told = Set(records.filter { !$0.containers.isUnset }.compactMap(\.namespace))
    var seen = task
    seen.containers = containers
    for index in seen.namespaces.indices where !told.contains(seen.namespaces[index]) {
      seen.namespaces[index].inum = 0
    }
    return seen
  }
}
