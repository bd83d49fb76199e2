// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// The clauses read naively: derives what is to be printed from raw records, with dictionaries and
/// a count for each task. It shares no code with the tracker, which it is there to judge.
struct Reading {
  struct Task {
    var id: nst_task_id
    /// The namespaces by slot; nil: not known.
    var place: [Instance]?
    /// The slots whose namespaces the task, or its parent before its birth, entered by setns.
    var entered: Set<NamespaceSlot> = []
    /// The walk that last reported the namespaces; nil: a record of the task's own has since.
    var seen: Int?
    /// The time of the record that gave the namespaces.
    var toldNs: UInt64
    /// Whether the namespaces before `toldNs` were others.
    var hasMoved = false
    var snapshot: Int
    /// The number that the kernel side carries for the task.
    var number: UInt32 = 0
    var list = ContainerList()
    /// Whether the list is the parent's.
    var isHeir = false
    /// The confinement; nil: no record gives it.
    var stance: Stance?
    /// The cgroups; nil: only the task's number is known.
    var home: CgroupHome?
    /// The parent, and whether the process may ask for registrations, as of its last report.
    var origin: UInt32 = 0
    var isCapable = false

    /// The namespaces at a time; nil: not known, because the task has moved since.
    func place(at time: UInt64) -> [Instance]? { time < toldNs && hasMoved ? nil : place }
  }

  let position: Position
  var tasks: [UInt32: Task] = [:]
  /// How many slots of tasks hold each namespace.
  var holders: [Instance: Int] = [:]
  /// How many namespaces had an identity before the present one.
  var generations: [NamespaceID: Int] = [:]
  /// Namespaces whose numbers are free, and whose last users have not reported that they left.
  var untold: [Instance] = []
  /// Namespaces that a task has made, not those that a task was found in or entered.
  var made: Set<Instance> = []
  var ended: Set<Instance> = []
  /// R8: how many tasks of each container use each namespace.
  private var shares: [Instance: [ContainerID: Int]] = [:]
  /// T5: how many tasks are in each set.
  private var crowds: [[Instance]: Int] = [:]
  /// The containers of the namespaces that the event touches, before the event.
  private var sharesBefore: [Instance: Set<ContainerID>] = [:]
  /// How many tasks carry each ID.
  var population: [ContainerID: Int] = [:]
  var names: [ContainerID: [UInt8]] = [:]
  /// The process that first asked for the ID, then its capable ancestors.
  var owners: [ContainerID: [nst_task_id]] = [:]
  /// What the tasks that carry a registration's number carry.
  var lists: [UInt32: ContainerList] = [:]
  var members: [nst_member] = []
  private var stances = StanceCounts<ContainerID>()
  private var cgroupStances = StanceCounts<CgroupID>()
  private var cgroups = CgroupNames()
  private var entrances = CgroupEntrances()
  private(set) var initial: [NamespaceID] = []
  private var hostSet: [NamespaceID] = []
  private var isFollowing = false
  private(set) var isWalking = false
  private(set) var snapshots = 0
  private var nsfsDev: UInt64 = 0
  var account = Account()
  /// The index of the present event's first record in the account.
  private var start = 0

  init(_ position: Position) { self.position = position }

  mutating func read(_ raw: RawRecord) -> Account {
    account = Account()
    start = 0
    sharesBefore.removeAll()
    account.nsfsDev = nsfsDev
    account.hostSet = hostSet
    account.isFollowing = isFollowing
    switch raw {
    case .fork(let event): fork(event)
    case .confined(let event): tell(event.task, Stance(event))
    case .exit(let event, _): exit(event)
    case .task(let event, _): task(event)
    case .clone(let event, _): clone(event)
    case .switchNamespaces(let event, _): change(event)
    case .exec(let event, _, _): exec(event)
    case .host(let event, _, _, _):
      initial = NamespaceSlot.allCases.map { event.initial[$0] }
      hostSet = NamespaceSlot.memberships.map { event.initial[$0] }
      nsfsDev = event.nsfs_dev
    case .snapshotBegin:
      snapshots += 1
      isWalking = true
    case .snapshotEnd: endSnapshot()
    case .member(let event): members.append(event)
    case .register(let event, let name): register(event, name)
    case .freed(let event): free(event.inum, at: event.hdr.time_ns)
    case .cgroup(let event, let path): cgroups.read(event, path)
    case .cgroupIn(let event, let name): cgroups.read(event, name)
    case .attach(let event): attach(event)
    // No evidence: the clock, questions about namespaces, and unknown kinds.
    case .lost, .pinned, .users, .clock, .unknown: break
    }
    noteStances()
    return account
  }

  /// Notes what is true now, before another event of the same record.
  private mutating func noteStances() {
    account.stances += stances.takeChanges()
    account.cgroups += cgroupStances.takeChanges().map { (cgroups.printed($0.id), $0) }
  }
}

// MARK: - Births and ends

extension Reading {
  private mutating func fork(_ event: nst_fork) {
    guard makeRoom(for: event.child) else { return }
    let time = event.hdr.time_ns
    var stance: Stance?
    if event.hdr.flags & UInt16(NST_FLAG_CONFINEMENT) != 0 { stance = Stance(event) }
    var parent = tasks[event.parent_tid].flatMap { $0.id.start_ns <= time ? $0 : nil }
    if let id = parent?.id, let stance {
      tell(id, stance)
      noteStances()
      parent = tasks[id.tid]
    }
    bear(
      event.child, number: event.container, of: parent, in: parent?.place(at: time), stance,
      at: time)
    close(event.child.tid)
  }

  private mutating func clone(_ event: nst_clone) {
    guard makeRoom(for: event.child) else { return }
    let time = event.hdr.time_ns
    let caller = event.subject.task
    tell(event.subject, at: time)
    let parent = isKnown(caller) ? tasks[caller.tid] : nil
    act(caller.tid)
    let asked = asked(by: event.call.flags)
    let changes = changes(to: event.set, from: parent?.place(at: time))
    let made = asked.intersection(changes)
    endFreed(in: changes, made: made, of: event.set, at: time)
    let place = instances(in: event.set)
    let origin = (isKnown(caller) ? tasks[caller.tid] : nil)?.place(at: time)
    let op: Operation = event.call.systemCall == .clone3 ? .clone3 : .clone
    let records = arrivals(of: event.child.tid, at: place, from: origin, made: made) { _ in op }
    account.follow(event.child.tid, from: origin, to: place)
    bear(
      event.child, number: event.call.container, of: parent, in: place, Stance(event.subject),
      at: time)
    let mother = origin == nil ? nil : tasks[caller.tid]
    let entered = entered(place, made, from: mother) { _ in op }
    tasks[event.child.tid]?.entered = entered
    say(records, carrying: tasks[event.child.tid]?.list)
    close(event.child.tid)
  }

  private mutating func bear(
    _ id: nst_task_id, number: UInt32, of parent: Task?, in place: [Instance]?,
    _ stance: Stance?, at time: UInt64
  ) {
    var child = newcomer(id, number: number, at: time)
    child.stance = stance ?? parent?.stance
    let entrance = entrances.take(id).map { CgroupHome($0) }
    if let parent {
      child.home = parent.home == nil ? nil : entrance ?? parent.home
      child.list = parent.list
      child.isHeir = true
      (child.origin, child.isCapable) = (parent.id.tgid, parent.isCapable)
      child.entered = parent.entered
      account.birth = (id.tid, parent.number, number)
      account.isToldNumber = lists[number] != nil
    }
    child.place = place
    add(child)
    note(id.tid)
  }

  func newcomer(_ id: nst_task_id, number: UInt32, at time: UInt64) -> Task {
    Task(
      id: id, toldNs: time, snapshot: snapshots, number: number,
      list: lists[number] ?? ContainerList(), isHeir: lists[number] != nil)
  }

  private mutating func exit(_ event: nst_exit) {
    // An exit from before the task was last seen is that of a leader whose tid exec gave to a
    // thread.
    guard isKnown(event.task), let task = tasks[event.task.tid], task.toldNs <= event.hdr.time_ns
    else { return }
    act(event.task.tid)
    end(event.task.tid, .exit)
  }

  /// Whether a task can be born: its tid is possible, and neither it nor a later owner of the tid
  /// exists.
  private mutating func makeRoom(for id: nst_task_id) -> Bool {
    guard id.tid > 0, id.tid < 1 << 22 else { return false }
    guard let there = tasks[id.tid] else { return true }
    if there.id.start_ns == id.start_ns { tasks[id.tid]?.snapshot = snapshots }
    if there.id.start_ns >= id.start_ns { return false }
    end(id.tid, .late)
    return true
  }

  func isKnown(_ id: nst_task_id) -> Bool {
    tasks[id.tid].map { $0.id.start_ns == id.start_ns } ?? false
  }

  private mutating func end(_ tid: UInt32, _ op: Operation) {
    note(tid)
    guard let task = tasks[tid] else { return }
    defer { noteStances() }
    let unused = remove(tid)
    say(endings(of: unused, by: tid) { _ in op }, carrying: task.list)
    close(tid)
    endContainers(among: task.list, tid)
  }

  /// R11: ends those of the IDs that no task carries any more.
  mutating func endContainers(among list: ContainerList, _ tid: UInt32) {
    for id in list.elements.map(\.id) where population[id] == nil {
      account.ends.append(
        ContainerRecord(
          verb: .drop, opid: tid, id: .unset, old: ContainerList([.init(id)]),
          name: names[id] ?? [], refusal: nil))
      owners[id] = nil
    }
  }

  private mutating func endSnapshot() {
    for tid in tasks.keys.sorted() where tasks[tid]?.snapshot != snapshots { end(tid, .resync) }
    isFollowing = true
    isWalking = false
  }
}

// MARK: - Moves

extension Reading {
  private mutating func task(_ event: nst_task) {
    let (id, time) = (event.subject.task, event.hdr.time_ns)
    let isNew = !isKnown(id)
    guard find(id, number: event.container, at: time), let told = tasks[id.tid]?.toldNs,
      told <= time
    else { return }
    tell(event.subject, at: time)
    if !isNew { tasks[id.tid]?.home?.hear(event) }
    count(id.tid)
    act(id.tid)
    let op: Operation = event.hdr.flags & UInt16(NST_FLAG_LATE) != 0 ? .late : .resync
    move(id.tid, to: event.set, at: time) { _ in op }
    if op == .resync { tasks[id.tid]?.seen = snapshots }
  }

  private mutating func change(_ event: nst_switch) {
    let (id, time) = (event.subject.task, event.hdr.time_ns)
    guard find(id, number: event.call.container, at: time) else { return }
    tell(event.subject, at: time)
    act(id.tid)
    let call = event.call
    if call.result < 0 { say(refusals(call, id.tid), carrying: tasks[id.tid]?.list) }
    moveUnlessOvertaken(id.tid, to: event.set, by: call, at: time) { kind in
      guard call.result >= 0 else { return .late }
      if call.systemCall == .setns { return .setns }
      return call.systemCall == .unshare && call.flags & kind.cloneFlag != 0
        ? .unshare : .late
    }
  }

  private mutating func exec(_ event: nst_exec) {
    let (id, time) = (event.subject.task, event.hdr.time_ns)
    if event.old_tid != id.tid { becomeLeader(event.old_tid, id, at: time) }
    guard find(id, number: event.call.container, at: time) else { return }
    tell(event.subject, at: time)
    act(id.tid)
    moveUnlessOvertaken(id.tid, to: event.set, at: time) { $0 == .time ? .exec : .late }
  }

  /// An exec by a thread: the leader has ended, and the thread has its tid and start time.
  private mutating func becomeLeader(_ tid: UInt32, _ leader: nst_task_id, at time: UInt64) {
    guard leader.tid > 0, leader.tid < 1 << 22, var thread = tasks[tid],
      thread.id.tgid == leader.tgid, thread.id.start_ns <= time
    else { return }
    if isKnown(leader), let told = tasks[leader.tid]?.toldNs, told > time {
      return end(tid, .late)
    }
    tasks[tid] = nil
    end(leader.tid, .late)
    thread.id.tid = leader.tid
    thread.id.start_ns = leader.start_ns
    tasks[leader.tid] = thread
    count(tid)
    count(leader.tid)
  }

  /// Adds the task if it is not known, without namespaces. False: it cannot exist.
  mutating func find(_ id: nst_task_id, number: UInt32, at time: UInt64) -> Bool {
    if isKnown(id) {
      tasks[id.tid]?.snapshot = snapshots
      return true
    }
    guard makeRoom(for: id) else { return false }
    add(newcomer(id, number: number, at: time))
    return true
  }

  private mutating func moveUnlessOvertaken(
    _ tid: UInt32, to set: nst_set, by call: nst_call? = nil, at time: UInt64,
    op: (NamespaceKind) -> Operation
  ) {
    guard let task = tasks[tid] else { return }
    if task.toldNs <= time { return move(tid, to: set, by: call, at: time, op: op) }
    guard task.place == instances(in: set) else { return }
    tasks[tid]?.toldNs = time
    let entrances = call.map(entrances) ?? []
    tasks[tid]?.entered.formUnion(entrances)
  }

  private mutating func move(
    _ tid: UInt32, to set: nst_set, by call: nst_call? = nil, at time: UInt64,
    op: (NamespaceKind) -> Operation
  ) {
    let claimed = changes(to: set, from: tasks[tid]?.place)
    endFreed(in: claimed, made: unshared(by: call, in: claimed, of: set), of: set, at: time)
    guard let old = tasks[tid] else { return }
    let made = unshared(by: call, in: changes(to: set, from: old.place), of: set)
    let place = instances(in: set)
    tasks[tid]?.seen = nil
    if old.place == place, old.seen != nil {
      let entrances = call.map(entrances) ?? []
      tasks[tid]?.entered.formUnion(entrances)
    }
    tasks[tid]?.toldNs = time
    tasks[tid]?.hasMoved = old.place != nil && old.place != place
    guard old.place != place else { return }
    let records = arrivals(of: tid, at: place, from: old.place, made: made, op: op)
    let entered = entered(place, made, from: old, op)
    tasks[tid]?.entered = entered
    account.follow(tid, from: old.place, to: place)
    hold(place, old.list)
    let unused = release(old.place, old.list)
    tasks[tid]?.place = place
    note(tid)
    count(tid)
    say(records + endings(of: unused, by: tid, op), carrying: old.list)
    close(tid)
  }

  private func refusals(_ call: nst_call, _ tid: UInt32) -> [NamespaceRecord] {
    let op: Operation =
      switch call.systemCall {
      case .setns: .setns
      case .unshare: .unshare
      case .clone3: .clone3
      case .clone, .exec, nil: .clone
      }
    let asked = NamespaceKind.allCases.filter { call.flags & $0.cloneFlag != 0 }
    let kinds: [NamespaceKind?] = asked.isEmpty ? [nil] : asked
    return kinds.map { kind in
      let slot = kind.map { kind in
        kind == .pid ? .pidChildren : kind == .time ? .timeChildren : Self.slot(of: kind)
      }
      return NamespaceRecord(
        verb: op == .setns ? .change : .create, op: op, kind: kind, namespace: nil,
        old: slot.flatMap { tasks[tid]?.place?[$0.rawValue].id }, opid: tid, granted: false)
    }
  }

  private static func slot(of kind: NamespaceKind) -> NamespaceSlot {
    NamespaceSlot.allCases.first { $0.kind == kind } ?? .mnt
  }
}

// MARK: - Namespaces

extension Reading {
  /// The records of a task's new namespaces. A namespace that no task used is created.
  private mutating func arrivals(
    of tid: UInt32, at place: [Instance], from origin: [Instance]?, made: Set<NamespaceSlot>,
    op: (NamespaceKind) -> Operation
  ) -> [NamespaceRecord] {
    NamespaceSlot.allCases.compactMap { slot in
      let (new, old) = (place[slot.rawValue], origin?[slot.rawValue])
      // A namespace that a task is in and gives to its children is recorded once.
      let member = Self.slot(of: slot.kind).rawValue
      let isTold =
        member != slot.rawValue && place[member] == new && new != origin?[member]
      let isNew = holders[new] == nil || made.contains(slot)
      // A task without known namespaces has not moved.
      guard new != old, !isTold, isNew || origin != nil else { return nil }
      let isMade = made.contains(slot)
      if isNew { note(new, isMade: isMade) }
      // A call that was not asked to make a namespace has found it. unshare only makes namespaces.
      let isBorn = [.clone, .clone3].contains(op(slot.kind))
      let isFound = !isMade && (op(slot.kind) == .unshare || isNew && isBorn)
      return NamespaceRecord(
        verb: isNew ? .create : .change, op: isFound ? .late : op(slot.kind), kind: slot.kind,
        namespace: new.id, old: old?.id, opid: tid,
        namespaceContainers: isNew ? ContainerList() : users(of: new))
    }
  }

  private func endings(
    of unused: [Instance], by tid: UInt32, _ op: (NamespaceKind) -> Operation
  ) -> [NamespaceRecord] {
    unused.map {
      NamespaceRecord(
        verb: .destroy, op: op($0.id.kind), kind: $0.id.kind, namespace: $0.id, old: nil,
        opid: tid)
    }
  }

  /// R8: a namespace's list, sorted by ID because the order in which they came is not judged. The
  /// host's own namespaces have none.
  private func users(of namespace: Instance) -> ContainerList {
    if initial.contains(namespace.id) { return ContainerList() }
    return ContainerList((shares[namespace] ?? [:]).keys.sorted().map { .init($0) })
  }

  mutating func add(_ task: Task) {
    tasks[task.id.tid] = task
    if let place = task.place { hold(place, task.list) }
    for element in task.list.elements { population[element.id, default: 0] += 1 }
    count(task.id.tid)
  }

  /// - Returns: the namespaces that no task uses any more.
  mutating func remove(_ tid: UInt32) -> [Instance] {
    guard let task = tasks.removeValue(forKey: tid) else { return [] }
    count(tid)
    for element in task.list.elements { count(out: element.id) }
    return release(task.place, task.list)
  }

  private mutating func count(out id: ContainerID) {
    let rest = (population[id] ?? 0) - 1
    population[id] = rest > 0 ? rest : nil
  }

  mutating func hold(_ place: [Instance], _ list: ContainerList) {
    for namespace in place { holders[namespace, default: 0] += 1 }
    crowds[Self.memberships(place), default: 0] += 1
    guard !list.isUnset else { return }
    for namespace in Set(place) {
      touch(namespace)
      for element in list.elements { shares[namespace, default: [:]][element.id, default: 0] += 1 }
    }
  }

  mutating func release(_ place: [Instance]?, _ list: ContainerList) -> [Instance] {
    var unused: [Instance] = []
    if let place { desert(Self.memberships(place)) }
    for namespace in place ?? [] {
      let rest = (holders[namespace] ?? 0) - 1
      holders[namespace] = rest > 0 ? rest : nil
      guard rest == 0 else { continue }
      untold.removeAll { $0 == namespace }
      made.remove(namespace)
      if ended.remove(namespace) == nil { unused.append(namespace) }
    }
    guard !list.isUnset else { return unused }
    for namespace in Set(place ?? []) {
      touch(namespace)
      for element in list.elements {
        let rest = (shares[namespace]?[element.id] ?? 0) - 1
        shares[namespace]?[element.id] = rest > 0 ? rest : nil
      }
      if shares[namespace]?.isEmpty == true { shares[namespace] = nil }
    }
    return unused
  }

  /// The eight namespaces that a task is in, without the two for its children.
  static func memberships(_ place: [Instance]) -> [Instance] {
    NamespaceSlot.memberships.compactMap { place.isEmpty ? nil : place[$0.rawValue] }
  }

  private mutating func desert(_ set: [Instance]) {
    let rest = (crowds[set] ?? 0) - 1
    crowds[set] = rest > 0 ? rest : nil
    if rest == 0 { account.steps.append(.desert(set)) }
  }

  private mutating func touch(_ namespace: Instance) {
    guard sharesBefore[namespace] == nil else { return }
    sharesBefore[namespace] = Set((shares[namespace] ?? [:]).keys)
  }
}

// MARK: - The account

extension Reading {
  /// Notes the list that a task carries now, for the judges.
  mutating func note(_ tid: UInt32) {
    guard let task = tasks[tid] else { return }
    if account.carried[tid]?.contains(task.list) != true {
      account.carried[tid, default: []].append(task.list)
    }
    if let set = task.place.map(Self.memberships), account.homes[tid]?.last != set {
      account.homes[tid, default: []].append(set)
    }
    if task.isHeir && !task.list.isUnset { account.heirs.insert(tid) }
  }

  private mutating func act(_ tid: UInt32) {
    note(tid)
    account.actor = tasks[tid]?.list ?? ContainerList()
  }

  private mutating func tell(_ subject: nst_subject, at time: UInt64) {
    guard isKnown(subject.task) else { return }
    var home = tasks[subject.task.tid]?.home ?? CgroupHome()
    home.hear(v2: subject.cgroup_id, at: time)
    tasks[subject.task.tid]?.home = home
    tasks[subject.task.tid]?.origin = subject.ppid
    tasks[subject.task.tid]?.isCapable =
      subject.flags & UInt16(NST_SUBJECT_AUDIT_CONTROL) != 0
    tell(subject.task, Stance(subject))
  }

  private mutating func tell(_ id: nst_task_id, _ stance: Stance) {
    guard isKnown(id), let old = tasks[id.tid] else { return }
    tasks[id.tid]?.stance = old.stance?.and(stance) ?? stance
    count(id.tid)
  }

  /// Moves a task to another cgroup, or keeps the record for its birth there.
  private mutating func attach(_ event: nst_attach) {
    tell(event.subject.task, Stance(event.subject))
    noteStances()
    guard isKnown(event.task) else { return entrances.keep(event) }
    tasks[event.task.tid]?.home?.hear(event)
    count(event.task.tid)
  }

  /// L1: counts a task for its containers once its namespaces are known, and for its cgroup.
  private mutating func count(_ tid: UInt32) {
    let task = tasks[tid]
    let list = task?.place == nil ? ContainerList() : task?.list ?? ContainerList()
    stances.count(tid, task?.stance, in: list.elements.map(\.id))
    let cgroup = task?.home?.counted
    cgroupStances.count(tid, task?.stance, in: cgroup.map { [$0] } ?? [])
  }

  mutating func say(_ records: [NamespaceRecord], carrying list: ContainerList?) {
    guard isFollowing else { return }
    account.namespaces += records.map { record in
      var record = record
      record.containers = list ?? ContainerList()
      return record
    }
  }

  /// R12: notes which IDs have joined and left the lists of namespaces since the last event. Where
  /// the namespace itself begins or ends, NS_CREATE and NS_DESTROY record it.
  mutating func close(_ tid: UInt32) {
    let own = account.namespaces[start...]
    for (namespace, before) in sharesBefore
    where isFollowing && !initial.contains(namespace.id) && !ended.contains(namespace) {
      let id = namespace.id
      let after = Set((shares[namespace] ?? [:]).keys)
      let (joined, left) = (after.subtracting(before), before.subtracting(after))
      if !joined.isEmpty && !left.isEmpty { account.movedNamespaces.append(id) }
      func tell(_ ids: Set<ContainerID>, _ op: Operation, unless verb: NamespaceRecord.Verb) {
        if own.contains(where: { $0.namespace == id && $0.verb == verb }) { return }
        account.namespaces += ids.map { container in
          NamespaceRecord(
            verb: .change, op: op, kind: id.kind, namespace: id, old: id, opid: tid,
            containers: ContainerList([.init(container)]),
            namespaceContainers: ContainerList(
              users(of: namespace).elements.filter { $0.id != container }))
        }
      }
      tell(joined, .assign, unless: .create)
      tell(left, .release, unless: .destroy)
    }
    sharesBefore.removeAll()
    start = account.namespaces.count
  }

  /// Gives a task another list.
  mutating func relabel(_ tid: UInt32, _ list: ContainerList) {
    guard var task = tasks[tid] else { return }
    let old = task.list
    task.list = list
    task.isHeir = false
    add(task)
    for element in old.elements { count(out: element.id) }
    _ = release(task.place, old)
  }
}
