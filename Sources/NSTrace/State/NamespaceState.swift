// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// Which tasks there are, which namespaces they are in, and so which namespaces are in use.
///
/// Pure: it reads no clock, no /proc and no environment, and the same calls give the same state.
/// Bounded: by the kernel's own limit of tasks (`PID_MAX_LIMIT`, 4,194,304), a tid beyond which is
/// not believed, by `NamespaceTable.tombstoneLimit` and by `CgroupTable.limit`.
public struct NamespaceState: Sendable {
  var tasks = TaskTable()
  var sets = SetTable()
  var namespaces = NamespaceTable()
  var subjects = SubjectTable()
  var containers = ContainerTable()
  var usage = NamespaceContainers()
  var sessions = SessionTable()
  /// Of the record that the state is changed by: CLOCK_BOOTTIME, nanoseconds.
  var timeNs: UInt64 = 0
  var cgroups = CgroupTable()

  public init() {}

  static let tidLimit: UInt32 = 1 << 22

  /// The namespaces of a set as the tables know them; new ones get a place there, unused as yet.
  /// - Parameter old: where the task was: most of them are the same, and need not be looked up.
  mutating func intern(_ set: nst_set, after old: SetTable.Slots? = nil) -> SetTable.Slots {
    var slots = SetTable.Slots()
    for slot in NamespaceSlot.allCases {
      let (id, kept) = (set[slot], old?[slot.rawValue])
      if let kept, namespaces[kept].id == id {
        slots[slot.rawValue] = kept
      } else {
        slots[slot.rawValue] = namespaces.intern(id)
      }
    }
    return slots
  }

  /// Counts one more task into the set of these namespaces.
  mutating func enter(_ slots: SetTable.Slots) -> SetTable.ID {
    let (id, isNew) = sets.addTask(in: slots)
    if isNew {
      for slot in NamespaceSlot.allCases { namespaces.addUser(slots[slot.rawValue]) }
      let label = slots[SetTable.labelLane]
      containers.addUser(label, at: timeNs)
      if label != 0 { usage.add(containers[label], to: Self.distinct(slots)) }
      sessions.addUser(slots[SetTable.sessionLane])
    }
    return id
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
  }

  /// Counts one task out of a set; usually nothing ends with that.
  mutating func leave(_ id: SetTable.ID) -> Departure {
    var ended = Departure()
    guard id != .unknown else { return ended }
    let slots = sets[id]
    guard sets.removeTask(id) else { return ended }
    let label = slots[SetTable.labelLane]
    if label != 0 { usage.remove(containers[label], from: Self.distinct(slots)) }
    for slot in NamespaceSlot.allCases {
      let index = slots[slot.rawValue]
      if namespaces.removeUser(index) { ended.namespaces.append(namespaces[index].id) }
    }
    ended.containers = containers.removeUser(label)
    sessions.removeUser(slots[SetTable.sessionLane])
    return ended
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

  /// The ten namespaces of a set, by slot.
  func namespaces(in slots: SetTable.Slots) -> [NamespaceID] {
    NamespaceSlot.allCases.map { namespaces[slots[$0.rawValue]].id }
  }
}
