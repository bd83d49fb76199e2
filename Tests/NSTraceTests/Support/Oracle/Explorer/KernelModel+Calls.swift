// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

// The steps of each call. Each function returns whether that step was the last.

extension KernelModel {
  mutating func take(step: Int, of call: ModelCall, by task: Int) -> Bool {
    switch call {
    case .unshare(let kinds): unshare(kinds, step, by: task, isSilent: false)
    case .compatUnshare(let kinds): unshare(kinds, step, by: task, isSilent: isDeaf)
    case .setns(let other, let kinds): setns(to: other, kinds, step, by: task, isSilent: false)
    case .compatSetns(let other, let kinds):
      setns(to: other, kinds, step, by: task, isSilent: isDeaf)
    case .open(let other, let kind): open(kind, of: other.index, by: task)
    case .enter: enter(step, by: task)
    case .fork(let child): clone(child.index, [], step, by: task)
    case .clone(let child, let kinds): clone(child.index, kinds, step, by: task)
    case .exec: exec(step, by: task)
    case .exit: exit(step, by: task)
    case .register(let other, let number): register(other.index, number, by: task)
    }
  }

  /// Whether no hook sees compat calls: only fexit programs do.
  private var isDeaf: Bool { !world.tier.isTraced }

  private static func flags(_ kinds: [NamespaceKind]) -> UInt64 {
    kinds.reduce(0) { $0 | $1.cloneFlag }
  }

  // MARK: unshare

  /// ksys_unshare changes nsproxy first, then the credentials, then returns.
  private mutating func unshare(
    _ kinds: [NamespaceKind], _ step: Int, by task: Int, isSilent: Bool
  ) -> Bool {
    let others = kinds.filter { $0 != .user }
    switch step {
    case 0 where !others.isEmpty:
      makeAndSwitch(others, by: task, isSilent: isSilent)
      return isSilent && !kinds.contains(.user)
    case (kinds.contains(.user) && !others.isEmpty ? 1 : 0):
      makeAndSwitch([.user], by: task, isSilent: isSilent)
      return isSilent
    default:
      report(.unshare(flags: Self.flags(kinds)), of: task)
      return true
    }
  }

  private mutating func makeAndSwitch(
    _ kinds: [NamespaceKind], by task: Int, isSilent: Bool
  ) {
    tell(task, "unshare(\(kinds.map { "\($0)" }.joined(separator: "|")))")
    var place = tasks[task].place
    let isLost = isSilent || willBeLost(of: task)
    for kind in kinds {
      place[.movedByCall(kind)] = makeNamespace(kind, by: task, isUnreported: isLost)
    }
    move(task, kinds.map { .movedByCall($0) }, to: place, entering: false)
  }

  // MARK: setns

  /// prepare_nsset and validate_nsset take references; commit_nsset changes the credentials first;
  /// then it returns.
  private mutating func setns(
    to other: TaskName, _ kinds: [NamespaceKind], _ step: Int, by task: Int, isSilent: Bool
  ) -> Bool {
    // The host's first task never moves.
    let step = other == .host && step > 0 ? step + 1 : step
    if step == 0 {
      takeReferences(to: other.index, by: task, kinds)
      if other != .host || tasks[task].isRefused { return false }
    }
    if tasks[task].isRefused {
      if !isSilent { report(.setns(flags: Self.flags(kinds), isRefused: true), of: task) }
      return true
    }
    let hasBoth = kinds.contains(.user) && kinds.count > 1
    switch step {
    case 0, 1:
      commit(hasBoth ? [.user] : kinds, by: task)
      if !hasBoth { dropReferences(by: task) }
      return isSilent && !hasBoth
    case 2 where hasBoth:
      commit(kinds.filter { $0 != .user }, by: task)
      dropReferences(by: task)
      return isSilent
    default:
      report(.setns(flags: Self.flags(kinds), isRefused: false), of: task)
      return true
    }
  }

  private mutating func takeReferences(to other: Int, by task: Int, _ kinds: [NamespaceKind]) {
    guard tasks[other].life != .dead else {
      tell(task, "setns(pidfd of \(TaskName(index: other))): no such process")
      tasks[task].isRefused = true
      return
    }
    tell(
      task,
      "setns(pidfd of \(TaskName(index: other)), \(kinds.map { "\($0)" }.joined(separator: "|")))"
        + (other == 0 ? "" : ": looks at \(TaskName(index: other))"))
    tasks[task].target = tasks[other].place
    hold(tasks[other].place.namespaces)
  }

  private mutating func commit(_ kinds: [NamespaceKind], by task: Int) {
    guard let target = tasks[task].target else { return }
    var place = tasks[task].place
    var slots: [NamespaceSlot] = []
    for kind in kinds {
      let moved = Self.slots(movedBySetns: kind)
      for slot in moved { place[slot] = target[NamespaceSlot(membershipOf: kind)] }
      slots += moved
    }
    move(task, slots, to: place, entering: true)
  }

  private mutating func dropReferences(by task: Int) {
    guard let target = tasks[task].target else { return }
    tasks[task].target = nil
    letGo(target.namespaces)
  }

  /// timens_install sets both slots.
  private static func slots(movedBySetns kind: NamespaceKind) -> [NamespaceSlot] {
    kind == .time ? [.time, .timeChildren] : [.movedByCall(kind)]
  }

  // MARK: Descriptors

  private mutating func open(_ kind: NamespaceKind, of other: Int, by task: Int) -> Bool {
    guard tasks[other].life != .dead else { return true }
    let namespace = tasks[other].place[NamespaceSlot(membershipOf: kind)]
    namespaces[namespace].holders += 1
    tasks[task].descriptors.append(namespace)
    tell(task, "open(/proc/\(TaskName(index: other))/ns/\(kind)): holds \(name(namespace))")
    return true
  }

  private mutating func enter(_ step: Int, by task: Int) -> Bool {
    guard let namespace = tasks[task].descriptors.last else { return true }
    let kind = namespaces[namespace].id.kind
    guard step == 0 else {
      report(.setns(flags: 0, isRefused: false), of: task)
      return true
    }
    tell(task, "setns(descriptor of \(name(namespace)))")
    var place = tasks[task].place
    let slots = Self.slots(movedBySetns: kind)
    for slot in slots { place[slot] = namespace }
    move(task, slots, to: place, entering: true)
    return false
  }

  // MARK: Births and ends

  /// copy_process makes the namespaces; then the child can be found; then it is reported, before it
  /// runs.
  private mutating func clone(
    _ child: Int, _ kinds: [NamespaceKind], _ step: Int, by parent: Int
  ) -> Bool {
    switch step {
    case 0:
      copy(parent, to: child, kinds)
      return false
    case 1:
      tasks[child].life = .visible
      use(tasks[child].place, by: child)
      letGo(tasks[child].place.namespaces)
      tell(parent, "\(TaskName(index: child)) can be found")
      return false
    default:
      reportBirth(of: child, by: parent, kinds)
      return true
    }
  }

  private mutating func copy(_ parent: Int, to child: Int, _ kinds: [NamespaceKind]) {
    now += 1
    tell(parent, "clone(\(kinds.map { "\($0)" }.joined(separator: "|")))")
    let isLost = willBeLost(of: parent)
    var task = tasks[parent]
    (task.life, task.startNs, task.call, task.step) = (.copied, now, 0, 0)
    (task.descriptors, task.entries, task.target) = ([], [], nil)
    if !kinds.contains(.pid) { task.place[.pid] = task.place[.pidChildren] }
    if !kinds.contains(.time) { task.place[.time] = task.place[.timeChildren] }
    for kind in kinds {
      let namespace = makeNamespace(kind, by: child, isUnreported: isLost)
      for slot in NamespaceSlot.allCases where slot.kind == kind { task.place[slot] = namespace }
      task.entries.append(
        ModelTask.Entry(
          slot: .movedByCall(kind), namespace: namespace, others: [], isEntrance: false,
          container: task.container))
      tell(child, "is in \(name(namespace)) from here")
    }
    tasks[child] = task
    hold(task.place.namespaces)
  }

  private mutating func reportBirth(of child: Int, by parent: Int, _ kinds: [NamespaceKind]) {
    reveal(parent)
    tasks[child].container = tasks[parent].container
    tasks[child].reported = tasks[parent].reported
    tasks[child].life = .running
    let name = TaskName(index: parent)
    if tasks[child].place == tasks[parent].place {
      tell(parent, "reports fork")
      put(.fork(parent: name), of: child, call: (parent, tasks[parent].call))
    } else {
      let content = ModelReport.Content.clone(
        parent: name, parentStartNs: tasks[parent].startNs, flags: Self.flags(kinds))
      tell(parent, "reports clone")
      put(content, of: child, call: (parent, tasks[parent].call))
    }
  }

  /// exec_task_namespaces comes first, then the report.
  private mutating func exec(_ step: Int, by task: Int) -> Bool {
    guard step == 0, tasks[task].place[.time] != tasks[task].place[.timeChildren] else {
      report(.exec, of: task)
      return true
    }
    var place = tasks[task].place
    place[.time] = place[.timeChildren]
    tell(task, "exec()")
    move(task, [.time], to: place, entering: false)
    return false
  }

  /// The report comes first. Others can enter the task's namespaces until it is taken down.
  private mutating func exit(_ step: Int, by task: Int) -> Bool {
    switch step {
    case 0:
      tasks[task].life = .exiting
      tell(task, "exit()")
      return false
    case 1:
      reportExit(of: task)
      return false
    default:
      tasks[task].life = .dead
      tell(task, "is taken down")
      letGo(tasks[task].place.namespaces)
      for namespace in tasks[task].descriptors { letGo([namespace]) }
      tasks[task].descriptors = []
      return true
    }
  }

  private mutating func reportExit(of task: Int) {
    reveal(task)
    let place = tasks[task].place
    hold(place.namespaces)
    // The record ends the task's use, and this is the truth of the record.
    leave(place.namespaces, by: task)
    tasks[task].life = .leaving
    tasks[task].entries = []
    tell(task, "reports exit")
    put(.exit, of: task)
  }

  // MARK: Containers

  /// The number is on the kernel side, and in the stream behind what the ring holds.
  private mutating func register(_ task: Int, _ number: Int, by caller: Int) -> Bool {
    guard tasks[task].life == .running, tasks[task].container == 0, source != .detached
    else { return true }
    tasks[task].container = number
    tell(caller, "registers \(TaskName(index: task)) as container \(number)")
    putAside(.member, of: task)
    putAside(.register(TaskName(index: caller), number: UInt32(number)), of: task)
    return true
  }
}
