// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Which tasks there are, which namespaces they are in, and so which namespaces are in use.
///
/// Pure: it reads no clock, no /proc and no environment, and the same calls give the same state.
/// Bounded: by the kernel's own limit of tasks (`PID_MAX_LIMIT`, 4,194,304), a tid beyond which is
/// not believed, by `NamespaceTable.tombstoneLimit` and by `CgroupTable.limit`.
public struct NamespaceState: ~Copyable, Sendable {
  var tasks = TaskTable()
  var sets = SetTable()
  var namespaces = NamespaceTable()
  var subjects = SubjectTable()
  var containers = ContainerTable()
  var usage = NamespaceContainers()
  var sessions = SessionTable()
  /// The host's own namespaces, by slot; empty before the HOST record.
  var hosts: [NamespaceID] = []
  /// Of the record that the state is changed by: CLOCK_BOOTTIME, nanoseconds.
  var timeNs: UInt64 = 0
  /// That record tells of a task that was there before: a walk has found it.
  var isFinding = false
  var cgroups = CgroupTable()

  /// A state in which nothing is known yet.
  public init() {}

  // Without it the compiler (6.3.1) makes other modules take the tables apart themselves, and fails.
  deinit {}

  /// The namespaces of a set as the tables know them; new ones get a place there, unused as yet.
  /// - Parameters:
  ///   - old: where the task was, with its label and session.
  ///   - changed: where it is elsewhere now; the others need not be looked up.
  mutating func intern(
    _ set: nst_set, after old: SetTable.Slots? = nil, changed: SlotSet = .all
  ) -> SetTable.Slots {
    var slots = old ?? SetTable.Slots()
    for slot in changed { slots[slot.rawValue] = namespaces.intern(set[slot]) }
    return slots
  }

  /// Counts one more task into the set of these namespaces, which the kernel told as `set`.
  mutating func enter(_ slots: SetTable.Slots, told set: nst_set) -> SetTable.ID {
    let (id, isNew) = sets.addTask(in: slots, told: set)
    if isNew {
      for slot in NamespaceSlot.allCases { namespaces.addUser(slots[slot.rawValue]) }
      let label = slots[SetTable.labelLane]
      containers.addUser(
        label, Self.confinement(in: slots), at: timeNs, isFound: isFinding)
      if label != 0 { usage.add(containers[label], to: Self.distinct(slots)) }
      sessions.addUser(slots[SetTable.sessionLane])
    }
    return id
  }

  static func confinement(in slots: SetTable.Slots) -> Confinement {
    Confinement(code: UInt8(slots[SetTable.confinementLane]))
  }

  private static func distinct(_ slots: SetTable.Slots) -> Set<NamespaceTable.Index> {
    Set(NamespaceSlot.allCases.map { slots[$0.rawValue] })
  }

  /// What ended when a task left a set.
  struct Departure {
    /// No task uses these any more.
    var namespaces: [NamespaceID] = []
    /// No task is in these any more.
    var containers: [(id: ContainerID, name: [UInt8])] = []

    var isEmpty: Bool { namespaces.isEmpty && containers.isEmpty }

    /// Nothing, in the same memory.
    mutating func clear() {
      namespaces.clear()
      containers.clear()
    }
  }

  /// Counts one task out of a set; usually nothing ends with that.
  /// - Parameter ended: what did, in the place of what it held.
  mutating func leave(_ id: SetTable.ID, _ ended: inout Departure) {
    ended.clear()
    guard id != .unknown else { return }
    let slots = sets[id]
    guard sets.removeTask(id) else { return }
    let label = slots[SetTable.labelLane]
    if label != 0 { usage.remove(containers[label], from: Self.distinct(slots)) }
    for slot in SlotSet.all { leave(slots[slot.rawValue], &ended) }
    ended.containers = containers.removeUser(label, Self.confinement(in: slots))
    sessions.removeUser(slots[SetTable.sessionLane])
  }

  private mutating func leave(_ index: NamespaceTable.Index, _ ended: inout Departure) {
    if namespaces.removeUser(index) { ended.namespaces.append(namespaces[index].id) }
  }

  /// Counts one task from a set into another, which differs in the slots that are `changed`.
  /// - Parameter ended: what ended with that, in the place of what it held.
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

  /// The short way of a task that is alone, and in no container: its set goes with it, and what has
  /// not changed is not counted up and down.
  /// - Returns: what the set was before; nil: the long way must be taken.
  private mutating func replace(
    _ id: SetTable.ID, by slots: SetTable.Slots, told set: nst_set
  ) -> SetTable.Slots? {
    guard id != .unknown else { return nil }
    let old = sets[id]
    guard old[SetTable.labelLane] == 0, slots[SetTable.labelLane] == 0,
      old[SetTable.sessionLane] == slots[SetTable.sessionLane],
      sets.replace(id, by: slots, told: set)
    else { return nil }
    return old
  }

  /// The container IDs of a task; none where nothing is known of it.
  public func containers(of tid: UInt32) -> ContainerList {
    guard let index = tasks.find(tid) else { return ContainerList() }
    guard tasks[index].set != .unknown else {
      return containers.list(ofRegistration: tasks[index].container)
    }
    return containers[sets[tasks[index].set][SetTable.labelLane]]
  }

  /// What `cses=` says of a task: nil of one that has nothing to do with a container, 0 of one that
  /// is in one, and of one that came into a container's namespace from outside its session.
  static func session(in slots: SetTable.Slots) -> SessionTable.Number? {
    let session = slots[SetTable.sessionLane]
    return session == 0 && slots[SetTable.labelLane] == 0 ? nil : session
  }

  /// Those that it was registered for, or has by a policy, as opposed to those of its cgroup.
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
