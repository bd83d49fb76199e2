// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The live tasks, the namespaces that they are in, and so the namespaces in use.
///
/// Pure: it reads no clock, no /proc and no environment, and the same calls give the same state.
/// Bounded by the kernel's limit of tasks (`PID_MAX_LIMIT`, 4,194,304; a larger tid is ignored), by
/// `NamespaceTable.tombstoneLimit` and by `CgroupTable.limit`.
public struct NamespaceState: ~Copyable, Sendable {
  var tasks = TaskTable()
  var sets = SetTable()
  var namespaces = NamespaceTable()
  var subjects = SubjectTable()
  var containers = ContainerTable()
  var usage = NamespaceContainers()
  var visits = NamespaceVisits()
  var sessions = SessionTable()
  var stains = StainTable()
  /// What tasks belonged to before, where audit records are joined with containers.
  var stays = StayTable()
  /// Whether namespaces keep the IDs of the containers that used them (T2).
  var keepsStains = false
  /// The host's own namespaces, by slot; empty before the HOST record.
  var hosts: [NamespaceID] = []
  /// The time of the record that changes the state: CLOCK_BOOTTIME, nanoseconds.
  var timeNs: UInt64 = 0
  /// Whether that record is a walk's, about a task that existed before.
  var isFinding = false
  var cgroups = CgroupTable()

  /// An empty state.
  public init() {}

  // Without it other modules destroy the tables themselves, and the compiler (6.3.1) fails.
  deinit {}

  /// Gives back the memory of tasks, sets and subjects that are no more, if there were many. Nothing
  /// else changes.
  mutating func compact() {
    tasks.compact()
    let (sets, subjects) = (sets.compact(), subjects.compact())
    if sets != nil || subjects != nil { tasks.follow(sets: sets, subjects: subjects) }
  }

  /// The indexes of a set's namespaces. A new namespace gets an index and no users.
  /// - Parameters:
  ///   - old: the task's slots before, with its label and session.
  ///   - changed: the slots that differ from `old`; the others are not looked up.
  mutating func intern(
    _ set: nst_set, after old: SetTable.Slots? = nil, changed: SlotSet = .all
  ) -> SetTable.Slots {
    var slots = old ?? SetTable.Slots()
    for slot in changed { slots[slot.rawValue] = namespaces.intern(set[slot]) }
    return slots
  }

  /// The indexes of the namespaces of a set that a walk found before; then all are in use. A host
  /// has few sets and many tasks, and ten look-ups for each of 100,000 tasks were a fifth of the
  /// program's own time in a start.
  func recentlyFound(_ set: nst_set) -> SetTable.Slots? {
    // A freed namespace's number finds another namespace.
    namespaces.freedCount == 0 ? sets.recent(told: set) : nil
  }

  /// Counts one more task in the set of these namespaces, which the kernel reported as `set`.
  mutating func enter(_ slots: SetTable.Slots, told set: nst_set) -> SetTable.ID {
    let (id, isNew) = sets.addTask(in: slots, told: set)
    if isNew {
      for slot in NamespaceSlot.allCases { namespaces.addUser(slots[slot.rawValue]) }
      let label = slots[SetTable.labelLane]
      containers.addUser(
        label, Self.confinement(in: slots), at: timeNs, isFound: isFinding)
      if label != 0 {
        usage.add(containers[label], to: Self.distinct(slots))
        visits.count(slots, containers[label], 1)
        stain(slots, label)
      }
      sessions.addUser(slots)
    }
    return id
  }

  static func confinement(in slots: SetTable.Slots) -> Confinement {
    Confinement(code: UInt8(slots[SetTable.confinementLane]))
  }

  static func distinct(_ slots: SetTable.Slots) -> Set<NamespaceTable.Index> {
    Set(NamespaceSlot.allCases.map { slots[$0.rawValue] })
  }

  /// A new session without tasks. It knows the containers as they are now.
  /// One that has ended before counts from the session's begin.
  /// - Parameter session: gets the containers' names.
  mutating func beginSession(_ session: inout SessionTable.Session) -> SessionTable.Number {
    visitContainers(of: &session)
    return sessions.begin(session)
  }

  /// The same for one that began before the stream did.
  mutating func resumeSession(_ session: inout SessionTable.Session, as number: SessionTable.Number)
  {
    visitContainers(of: &session)
    sessions.resume(session, as: number)
  }

  /// The name of a container that lives, or was kept; nil: there is none with that ID.
  func name(of id: ContainerID) -> [UInt8]? {
    containers[id]?.name ?? containers.keptName(of: id)
  }

  private mutating func visitContainers(of session: inout SessionTable.Session) {
    for element in session.containers.elements {
      let container = containers[element.id]
      session.names.append(
        sessions.visit(
          element.id, name: name(of: element.id),
          sinceNs: container?.sinceNs ?? session.beganNs))
    }
  }

  /// What ended when a task left a set.
  struct Departure {
    /// The namespaces that no task uses any more.
    var namespaces: [NamespaceID] = []
    /// The containers that no task is in any more.
    var containers: [(id: ContainerID, name: [UInt8])] = []
    /// The session that no task is in any more.
    var session: SessionTable.Ended?

    var isEmpty: Bool { namespaces.isEmpty && containers.isEmpty && session == nil }

    /// Empties it and keeps the memory.
    mutating func clear() {
      namespaces.clear()
      containers.clear()
      session = nil
    }
  }

  /// Counts one task fewer in a set; mostly nothing ends with that.
  /// - Parameter ended: replaced by what ended.
  mutating func leave(_ id: SetTable.ID, _ ended: inout Departure) {
    ended.clear()
    guard id != .unknown else { return }
    let slots = sets[id]
    guard sets.removeTask(id) else { return }
    let label = slots[SetTable.labelLane]
    if label != 0 {
      usage.remove(containers[label], from: Self.distinct(slots))
      visits.count(slots, containers[label], -1)
      noteDeparture(from: slots, containers[label])
    }
    for slot in SlotSet.all { leave(slots[slot.rawValue], &ended) }
    ended.containers = containers.removeUser(label, Self.confinement(in: slots))
    ended.session = sessions.removeUser(slots)
  }

  private mutating func leave(_ index: NamespaceTable.Index, _ ended: inout Departure) {
    let isFreed = namespaces[index].isFreed
    guard namespaces.removeUser(index) else { return }
    let id = namespaces[index].id
    ended.namespaces.append(id)
    if !stains.isEmpty, !isFreed { stains.leave(id) }
  }

  /// Moves one task from a set to another, which differs in the slots `changed`.
  /// - Parameter ended: replaced by what ended.
  mutating func transfer(
    from old: SetTable.ID, to slots: SetTable.Slots, told set: nst_set, changed: SlotSet,
    _ ended: inout Departure
  ) -> SetTable.ID {
    guard let kept = replace(old, by: slots, told: set) else {
      let new = enter(slots, told: set)
      leave(old, &ended)
      return new
    }
    ended.clear()
    for slot in changed { namespaces.addUser(slots[slot.rawValue]) }
    for slot in changed { leave(kept[slot.rawValue], &ended) }
    return old
  }

  /// The fast path for a task that is alone in its set, in no container and in no session: the set is
  /// changed in place, and the counters of unchanged slots stay as they are.
  /// - Returns: the slots before; nil: the fast path does not apply.
  private mutating func replace(
    _ id: SetTable.ID, by slots: SetTable.Slots, told set: nst_set
  ) -> SetTable.Slots? {
    guard id != .unknown else { return nil }
    let old = sets[id]
    guard old[SetTable.labelLane] == 0, slots[SetTable.labelLane] == 0,
      old[SetTable.sessionLane] == 0, slots[SetTable.sessionLane] == 0,
      sets.replace(id, by: slots, told: set)
    else { return nil }
    return old
  }

  /// The container IDs of a task; empty if the task is not known.
  public func containers(of tid: UInt32) -> ContainerList {
    guard let index = tasks.find(tid) else { return ContainerList() }
    guard tasks[index].set != .unknown else {
      return containers.list(ofRegistration: tasks[index].container)
    }
    return containers[sets[tasks[index].set][SetTable.labelLane]]
  }

  /// The container IDs of a process, or of one of its threads. Of a process whose first thread has
  /// exited, those of the next; nil: there is no such task.
  package func containers(ofProcess pid: UInt32) -> ContainerList? {
    let index = tasks.find(pid) ?? tasks.threads(of: pid).first
    return index.map { containers(of: tasks[$0].tid) }
  }

  /// The session of a task (`cses=`): 0 in a container, more if it entered a container's namespace
  /// from outside; nil: no container is involved.
  static func session(in slots: SetTable.Slots) -> SessionTable.Number? {
    printed(slots[SetTable.sessionLane], slots[SetTable.labelLane])
  }

  /// `cses=` of a task with this session and this label.
  static func printed(
    _ session: SessionTable.Number, _ label: ContainerTable.Label
  ) -> SessionTable.Number? { session == 0 && label == 0 ? nil : session }

  /// The containers that a task has by registration or by policy, without those of its cgroup.
  func registeredContainers(of tid: UInt32) -> ContainerList {
    guard let index = tasks.find(tid) else { return ContainerList() }
    guard tasks[index].set != .unknown else {
      return containers.list(ofRegistration: tasks[index].container)
    }
    let label = sets[tasks[index].set][SetTable.labelLane]
    return containers.origin(of: label) == .cgroup ? ContainerList() : containers[label]
  }

  /// The namespace in one slot of a task; nil when the task's set is not known.
  func namespace(of task: TaskTable.Entry, in slot: NamespaceSlot) -> NamespaceID? {
    guard task.set != .unknown else { return nil }
    return namespaces[sets[task.set][slot.rawValue]].id
  }

  /// The eight namespaces that tasks of a set are in, by kind.
  func memberships(in slots: SetTable.Slots) -> [NamespaceID] {
    NamespaceSlot.memberships.map { namespaces[slots[$0.rawValue]].id }
  }

  /// The ten namespaces of a set, by slot.
  func namespaces(in slots: SetTable.Slots) -> [NamespaceID] {
    NamespaceSlot.allCases.map { namespaces[slots[$0.rawValue]].id }
  }
}
