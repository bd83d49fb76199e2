// SPDX-License-Identifier: Apache-2.0

/// What a filter wants of each record of an event.
extension RecordFilter {
  func wants(_ record: NamespaceRecord, in scope: EventScope) -> Bool {
    guard wants(granted: record.granted), operations.selects(record.op),
      kinds.selects(record.kind), classes.selects(RecordClass(record)),
      inodes.selects(record.namespace?.inum, or: record.old?.inum),
      nsids.selects(record.namespace?.nsid, or: record.old?.nsid),
      !excludedTypes.contains(RecordType(record.verb)), wants(opid: record.opid, in: scope)
    else { return false }
    if scope.left.has(record.session) { return false }
    if !wantsEntered(record.session, in: scope) { return false }
    let isInside = scope.isIntruder || scope.inside.has(record.session)
    return wants(record.containers, record.namespaceContainers, isInside: isInside)
  }

  /// A session is no operation on a namespace and has no kind.
  func wants(_ record: SessionRecord, in scope: EventScope) -> Bool {
    if needsNamespace || !includesGranted || !classes.selects(.session) { return false }
    if excludedTypes.contains(.containerSession) { return false }
    let entrant = record.entrant
    if pids.excludes(entrant?.pid) || pids.excludes(entrant?.tid) { return false }
    let isEntrant = pids.names(entrant?.pid) || pids.names(entrant?.tid)
    guard isEntrant || wants(opid: record.opid, in: scope) else { return false }
    let inside = record.visit.containers
    if !entered.isEmpty && !entered.names(inside) { return false }
    if excludedEntered.names(inside) { return false }
    return wants(inside, isInside: false)
  }

  /// A registration, or a container's end, is no operation on a namespace and has no kind.
  func wants(_ record: ContainerRecord, in scope: EventScope) -> Bool {
    guard wants(record.granted, record.opid, in: scope),
      !excludedTypes.contains(.containerOp), wantsEntered(nil, in: scope)
    else { return false }
    return wants(
      ContainerList([.init(record.id)]), record.old, isInside: scope.isIntruder)
  }

  func wants(_ record: LifecycleRecord, in scope: EventScope) -> Bool {
    guard wants(record.granted, record.pid, in: scope),
      !excludedTypes.contains(RecordType(record.step)), entered.isEmpty
    else { return false }
    return wants(ContainerList([.init(record.id)]), isInside: false)
  }

  private func wants(_ granted: Bool, _ opid: UInt32, in scope: EventScope) -> Bool {
    wants(granted: granted) && !needsNamespace && classes.selects(granted ? .container : .refused)
      && wants(opid: opid, in: scope)
  }

  private func wants(opid: UInt32, in scope: EventScope) -> Bool {
    if pids.isEmpty { return true }
    return !pids.excludes(opid) && (!pids.needsOne || scope.isActor || pids.names(opid))
  }

  /// Whether it is done by a task that has entered one of the chosen containers from outside.
  private func wantsEntered(_ session: UInt32?, in scope: EventScope) -> Bool {
    if scope.leftEntered.has(session) { return false }
    return entered.isEmpty || scope.hasEntered || scope.entered.has(session)
  }

  /// - Parameter isInside: whether a selected container has it as what an intruder does.
  private func wants(
    _ list: ContainerList, _ other: ContainerList = ContainerList(), isInside: Bool
  ) -> Bool {
    if excludedContainers.names(list) || excludedContainers.names(other) { return false }
    return isInside || containers.isEmpty || containers.names(list) || containers.names(other)
  }
}
