// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace
@testable import NSTraceConformance

// Under the policies `rfc` and `write-once` a task carries at most one ID.

extension NaiveTracker {
  /// A container's use of a namespace, with the tasks that use it.
  struct Use: Equatable {
    var id: ContainerID
    var tasks: Set<UInt32>

    /// The use without the task; nil: it was the only one.
    func without(_ tid: UInt32) -> Use? {
      let rest = tasks.subtracting([tid])
      return rest.isEmpty ? nil : Use(id: id, tasks: rest)
    }
  }

  struct Container {
    var name: [UInt8]
    /// The process that first asked for the ID, then its capable ancestors.
    var owners: [Owner] = []
    /// What was last recorded as true of all its tasks.
    var told = Stance()
  }

  struct Owner: Equatable {
    var tid: UInt32
    var startNs: UInt64
  }
}

extension NaiveTracker.Task {
  /// `cses=`: 0 for a task in a container; nil for a task outside without a session.
  var printedSession: UInt32? { contid == nil && session == nil ? nil : session?.number ?? 0 }
}

extension ContainerList {
  /// The list of one ID, or of none.
  static func of(_ id: ContainerID?) -> ContainerList {
    ContainerList(id.map { [.init($0)] } ?? [])
  }
}

// MARK: - What a task carries

extension NaiveTracker {
  func contid(of tid: UInt32) -> ContainerID? {
    guard let task = tasks[tid] else { return nil }
    return task.place == nil ? registrations[task.number]?.id : task.contid
  }

  /// The container of a target without a record so far, by the number that it carries.
  private func contid(ofTarget event: nst_register, _ family: [nst_member]) -> ContainerID? {
    let target = family.first(where: isTarget)
    if let target, !isKnown(target.task) { return registrations[target.container]?.id }
    return contid(of: event.target_tid)
  }

  /// The container of a task that is seen for the first time; a container that had ended goes on
  /// with it.
  mutating func container(of number: UInt32) -> ContainerID? {
    guard let registration = registrations[number] else { return nil }
    if containers[registration.id] == nil {
      var container = kept[registration.id]?.container ?? Container(name: [])
      if container.name.isEmpty { container.name = registration.name }
      containers[registration.id] = container
    }
    return registration.id
  }

  /// R8: the containers of a namespace. The host's own namespaces have none.
  func list(of namespace: NamespaceID, but left: ContainerID? = nil) -> ContainerList {
    if initial.contains(namespace) { return ContainerList() }
    let ids = (dye?.left[namespace] ?? []) + (lists[namespace] ?? []).map(\.id)
    return ContainerList(ids.filter { $0 != left }.map { .init($0) })
  }

  /// T2: the list of a namespace that no task used.
  func listLeft(on namespace: NamespaceID) -> ContainerList {
    let isHosts = initial.contains(namespace)
    return ContainerList(isHosts ? [] : (dye?.left[namespace] ?? []).map { .init($0) })
  }

  /// R12: the IDs that have joined and left the lists of namespaces, unless the event creates or
  /// ends the namespace. T2: a stain joins once, and never leaves.
  mutating func assignments(
    since before: [NamespaceID: [Use]], told: [NamespaceRecord], opid: UInt32
  ) -> [NamespaceRecord] {
    let fresh = dye?.fresh ?? [:]
    dye?.fresh = [:]
    let namespaces = Set(before.keys).union(lists.keys).union(fresh.keys).subtracting(initial)
    return namespaces.flatMap { namespace in
      let old = Set((before[namespace] ?? []).map(\.id))
      let new = (lists[namespace] ?? []).map(\.id)
      let joined =
        new.filter { !old.contains($0) && !isStained(namespace, $0) } + (fresh[namespace] ?? [])
      let left = old.filter { !new.contains($0) && !isStained(namespace, $0) }
      let isMade = told.contains { $0.verb == .create && $0.namespace == namespace }
      let isEnded = told.contains { $0.verb == .destroy && $0.namespace == namespace }
      return (isMade ? [] : joined.map { assignment(.assign, $0, namespace, opid) })
        + (isEnded ? [] : left.map { assignment(.release, $0, namespace, opid) })
    }
  }

  private func assignment(
    _ op: NSTrace.Operation, _ id: ContainerID, _ namespace: NamespaceID, _ opid: UInt32
  ) -> NamespaceRecord {
    NamespaceRecord(
      verb: .change, op: op, kind: namespace.kind, namespace: namespace, old: namespace,
      opid: opid, containers: .of(id), namespaceContainers: list(of: namespace, but: id))
  }

  /// R11: ends the container if no task carries it.
  mutating func drop(_ id: ContainerID?, opid: UInt32) -> [ContainerRecord] {
    guard let id, !hasTasks(id), let container = containers.removeValue(forKey: id) else {
      return []
    }
    return [
      ContainerRecord(verb: .drop, opid: opid, id: .unset, old: .of(id), name: container.name)
    ]
  }

  private func hasTasks(_ id: ContainerID) -> Bool {
    tasks.values.contains { $0.place != nil && $0.contid == id }
  }
}

// MARK: - Registration

extension NaiveTracker {
  mutating func member(_ event: nst_member) { members.append(event) }

  mutating func register(_ event: nst_register, name: RawSpan) {
    let family = Array(members.suffix(Int(event.members)))
    members = []
    let id = ContainerID(high: event.contid_high, low: event.contid_low)
    let old = contid(ofTarget: event, family)
    var record = ContainerRecord(
      verb: .set, opid: event.target_tid, id: id, old: .of(old), name: [UInt8](name),
      refusal: refusal(event, family) ?? failure(event.result))
    var told = [record]
    let before = lists
    var info: TaskSummary?
    if record.granted {
      record.begins = containers[id] == nil
      told = grant(record, event, family)
      info = target(of: family).flatMap(summary)
    }
    let caller = tasks[event.caller_tid]
    noteStances(opid: event.target_tid)
    say(
      assignments(since: before, told: [], opid: event.target_tid), told, info: info,
      at: event.hdr.time_ns, actor: caller?.program == nil ? nil : event.caller_tid,
      caller?.program, caller?.session)
  }

  /// T2: what speaks against a second use of a namespace or of an ID.
  private func stainRefusal(
    _ id: ContainerID, _ event: nst_register, _ family: [nst_member]
  ) -> RegistrationError? {
    if reachesStained(event, family) { return .exists }
    return containers[id] != nil || isStain(id) ? .notUnique : nil
  }

  /// R1, R2 and R6, then the rules of the policy `rfc`, or of `write-once`.
  private func refusal(_ event: nst_register, _ family: [nst_member]) -> RegistrationError? {
    func has(_ flag: Int32) -> Bool { Int32(event.flags) & flag != 0 }
    let id = ContainerID(high: event.contid_high, low: event.contid_low)
    if has(NST_REGISTER_MALFORMED) || id.isUnset { return .invalid }
    if !has(NST_REGISTER_CAPABLE) { return .notPermitted }
    if !family.contains(where: isTarget) { return .noSuchTask }
    if !has(NST_REGISTER_DESCENDANTS), !family.allSatisfy(isTarget) { return .busy }
    let isItself = family.contains { [$0.task.tid, $0.task.tgid].contains(event.caller_tid) }
    if isItself || event.caller_tid == event.target_tid { return .notDescendant }
    if contid(ofTarget: event, family) != nil { return .exists }
    if dye != nil { return stainRefusal(id, event, family) }
    guard let owner = owner(of: id) else { return nil }
    return principals(event.caller_tid).contains(owner) ? nil : .notUnique
  }

  /// The first owner that lives.
  private func owner(of id: ContainerID) -> Owner? {
    containers[id]?.owners.first { owner($0.tid) == $0 }
  }

  /// The processes for which a process asks: itself and its capable ancestors.
  private func principals(_ tid: UInt32) -> [Owner] {
    var principals = [owner(tid)].compactMap(\.self)
    var below = tid
    for _ in 0..<64 {
      guard let task = tasks[below] else { break }
      let above = parent(of: task, below)
      guard let parent = tasks[above], parent.startNs < task.startNs else { break }
      let flags = parent.program?.subject?.flags ?? 0
      if Int32(flags) & NST_SUBJECT_AUDIT_CONTROL != 0 {
        principals.append(Owner(tid: above, startNs: parent.startNs))
      }
      below = above
    }
    return principals
  }

  /// The parent by the task's own last report, else the task that forked it.
  func parent(of task: Task, _ tid: UInt32) -> UInt32 {
    guard let subject = task.program?.subject, subject.task.tid == tid,
      subject.task.start_ns == task.startNs
    else { return task.forker }
    return subject.ppid
  }

  private func failure(_ result: Int32) -> RegistrationError? {
    if result == 0 { return nil }
    return RegistrationError.allCases.first { $0.rawValue == 0 &- result } ?? .failed
  }

  private func isTarget(_ member: nst_member) -> Bool {
    member.flags & UInt32(NST_MEMBER_TARGET) != 0
  }

  private func owner(_ tid: UInt32) -> Owner? {
    tasks[tid].map { Owner(tid: tid, startNs: $0.startNs) }
  }

  /// The target, if it has not ended.
  private func target(of family: [nst_member]) -> UInt32? {
    family.first(where: isTarget).flatMap { isKnown($0.task) ? $0.task.tid : nil }
  }

  private mutating func grant(
    _ record: ContainerRecord, _ event: nst_register, _ family: [nst_member]
  ) -> [ContainerRecord] {
    let name = containers[record.id].flatMap { $0.name.isEmpty ? nil : $0.name } ?? record.name
    let stance = containers[record.id]?.told ?? Stance()
    let owners =
      owner(of: record.id) == nil
      ? principals(event.caller_tid) : containers[record.id]?.owners ?? []
    containers[record.id] = Container(name: name, owners: owners, told: stance)
    let isNumberNew = registrations[event.container] == nil
    if event.container != 0 { registrations[event.container] = (record.id, record.name) }
    let tids = reached(by: event, family, isNumberNew)
    let first = tids.contains(record.opid) ? record.opid : tids.first
    var told = tids.map { tid in
      join(tid, record.id, number: event.container)
      var own = record
      own.opid = tid
      own.begins = record.begins && tid == first
      return own
    }
    if told.isEmpty { told = [record] }
    let ended = drop(record.id, opid: event.target_tid)
    return target(of: family) == nil ? told + ended : told
  }

  /// The tasks that were found, and those born with the number since, if they carry what the target
  /// carries.
  private func reached(
    by event: nst_register, _ family: [nst_member], _ isNumberNew: Bool
  ) -> [UInt32] {
    let reachesAll = Int32(event.flags) & NST_REGISTER_DESCENDANTS != 0
    let found = family.filter { (reachesAll || isTarget($0)) && isKnown($0.task) }.map(\.task.tid)
    let born = tasks.filter {
      event.container != 0 && isNumberNew && $1.number == event.container
    }.keys
    return Set(found).union(born).filter { contid(of: $0) == nil }.sorted()
  }

  mutating func join(_ tid: UInt32, _ id: ContainerID, number: UInt32) {
    if number != 0 { tasks[tid]?.number = number }
    guard let task = tasks[tid], task.place != nil else { return }
    tasks[tid]?.contid = id
    tasks[tid]?.session = nil
    tasks[tid]?.inside = []
    use(task.held, by: tid, in: id)
    endSessions(opid: tid, SessionRecord.Way(nil))
  }

  private func summary(of tid: UInt32) -> TaskSummary? {
    guard let task = tasks[tid], let place = task.place else { return nil }
    let number: UInt32? = task.program == nil ? nil : 0
    return TaskSummary(
      tid: tid, tgid: task.tgid, namespaces: place.ids, uid: number, auid: number, ses: number,
      comm: [], exe: task.program?.path ?? [],
      exeMarks: task.program?.marks ?? [], noNewPrivs: task.stance?.hasNoNewPrivs ?? false,
      seccomp: task.stance?.seccomp ?? 0,
      containers: .of(task.contid), cgroup: names[task.home ?? CgroupHome()])
  }
}
