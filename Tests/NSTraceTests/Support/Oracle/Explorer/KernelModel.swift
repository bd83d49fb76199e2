// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// A kernel of a few tasks whose steps are the effects. A call's effects and its report are
/// separate steps, and other steps run between them. At each moment it is known which tasks use
/// which namespace, by objects and not by numbers.
///
/// A task uses a namespace from the moment at which others can see it there. The use ends when the
/// task is switched away or its exit is reported, and not when the task is taken down.
struct KernelModel: Hashable {
  let world: ModelWorld
  var tasks: [ModelTask]
  var namespaces: [ModelNamespace]
  /// Freed numbers, the last one first.
  var freeNumbers: [UInt32] = []
  var lastNumber: UInt32 = 100
  var lastID: UInt64 = 100
  var now: UInt64 = 1
  /// The records that the tracer has been given.
  var stream: [ModelReport] = []
  var streamHash = 0
  /// The records in the ring while the source walks.
  var ring: [ModelReport] = []
  var source = ModelSource.live
  /// Lost records that no LOST reports yet.
  var lost = 0
  var lostSinceNs: UInt64 = 0
  /// Whether the programs have begun.
  var hasOpened = false
  /// Whether each step is written down.
  var isTold = false
  var lines: [String] = []

  static func == (a: Self, b: Self) -> Bool { a.fingerprint == b.fingerprint }

  func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }

  /// Equal for two models that have the same stream and the same possible futures.
  var fingerprint: Int {
    var hasher = Hasher()
    hasher.combine(tasks)
    hasher.combine(namespaces)
    hasher.combine(freeNumbers)
    hasher.combine(now)
    hasher.combine(streamHash)
    hasher.combine(ring)
    hasher.combine(source)
    hasher.combine(lost)
    return hasher.finalize()
  }

  init(_ world: ModelWorld) {
    self.world = world
    let initial = NamespacePlace.host(hasIDs: world.tier.hasIDs)
    namespaces = NamespaceKind.allCases.map { kind in
      ModelNamespace(initial[NamespaceSlot(membershipOf: kind)], maker: nil)
    }
    var place = ModelPlace()
    for slot in NamespaceSlot.allCases { place[slot] = Int(slot.kind.rawValue) }
    let children = world.children
    tasks = (0..<world.taskCount).map { index in
      var task = ModelTask(reported: initial)
      guard world.takesPart(index), !children.contains(index) else { return task }
      (task.life, task.place, task.startNs) = (.running, place, UInt64(index) + 1)
      return task
    }
    now = 100
    for task in tasks.indices where tasks[task].life == .running { use(place, by: task) }
    begin()
  }

  private mutating func begin() {
    if world.start == .meanwhile {
      source = .detached
    } else {
      attach()
      finishWalk()
    }
    for (task, call) in world.opening { perform(call, by: task.index) }
    hasOpened = true
  }

  /// Makes a whole call of a task, with no step of another task in between.
  private mutating func perform(_ call: ModelCall, by task: Int) {
    while !take(step: tasks[task].step, of: call, by: task) { tasks[task].step += 1 }
    (tasks[task].step, tasks[task].target, tasks[task].isRefused) = (0, nil, false)
  }

  /// Lets a walk under way run to its end.
  private mutating func finishWalk() {
    while case .walking = source { stepSource(asked: []) }
  }
}

extension NamespacePlace {
  /// The host's own namespaces, with the numbers 1 to 8 by kind, and ns_ids equal to them.
  static func host(hasIDs: Bool) -> NamespacePlace {
    var place = NamespacePlace.initial
    guard hasIDs else { return place }
    for slot in NamespaceSlot.allCases { place[slot].nsid = UInt64(place[slot].inum) }
    return place
  }
}

// MARK: - Steps

extension KernelModel {
  /// - Parameter asked: the namespaces that the tracer waits for, after the stream so far.
  func canStep(_ actor: ModelActor, asked: [NamespaceID]) -> Bool {
    switch actor {
    case .source: canSourceStep(asked: asked)
    case .task(let task): canTaskStep(task)
    }
  }

  private func canTaskStep(_ task: Int) -> Bool {
    guard let call = call(of: task) else { return false }
    if tasks[task].step > 0 { return true }
    guard tasks[task].life == .running else { return false }
    // The other task has to exist, or to have existed.
    guard let other = call.subject, call.child == nil else { return true }
    return tasks[other.index].life.rawValue >= ModelTask.Life.visible.rawValue
  }

  func call(of task: Int) -> ModelCall? {
    let program = world.programs[TaskName(index: task)] ?? []
    return tasks[task].call < program.count ? program[tasks[task].call] : nil
  }

  mutating func step(_ actor: ModelActor, asked: [NamespaceID]) {
    switch actor {
    case .source: stepSource(asked: asked)
    case .task(let task): stepTask(task)
    }
  }

  private mutating func stepTask(_ task: Int) {
    guard let call = call(of: task) else { return }
    if take(step: tasks[task].step, of: call, by: task) {
      (tasks[task].step, tasks[task].target, tasks[task].isRefused) = (0, nil, false)
      tasks[task].call += 1
    } else {
      tasks[task].step += 1
    }
  }

  /// Whether no step is left, except for a census.
  var isOver: Bool {
    tasks.indices.allSatisfy { !canTaskStep($0) } && !canSourceStep(asked: [])
  }

  /// Whether each task is in the set that was last reported, with no record missing.
  var isQuiet: Bool {
    guard lost == 0, source == .live else { return false }
    return tasks.indices.allSatisfy { task in
      switch tasks[task].life {
      case .unborn, .copied, .leaving, .dead: true
      case .visible: false
      case .running, .exiting:
        tasks[task].entries.isEmpty && wire(tasks[task].place) == tasks[task].reported
      }
    }
  }
}

// MARK: - Namespaces

extension KernelModel {
  func wire(_ place: ModelPlace) -> NamespacePlace {
    var wire = NamespacePlace.initial
    for slot in NamespaceSlot.allCases { wire[slot] = namespaces[place[slot]].id }
    return wire
  }

  mutating func makeNamespace(_ kind: NamespaceKind, by maker: Int, isUnreported: Bool) -> Int {
    lastID += 1
    if freeNumbers.isEmpty {
      lastNumber += 1
      freeNumbers = [lastNumber]
    }
    let id = NamespaceID(
      kind: kind, inum: freeNumbers.removeLast(), nsid: world.tier.hasIDs ? lastID : 0)
    var namespace = ModelNamespace(id, maker: maker)
    namespace.isUnreported = isUnreported
    namespaces.append(namespace)
    return namespaces.count - 1
  }

  mutating func use(_ place: ModelPlace, by task: Int) {
    for namespace in place.namespaces {
      namespaces[namespace].users.insert(TaskMask(task))
      namespaces[namespace].everUsed.insert(TaskMask(task))
    }
  }

  mutating func hold(_ held: Set<Int>) {
    for namespace in held { namespaces[namespace].holders += 1 }
  }

  mutating func letGo(_ held: Set<Int>) {
    for namespace in held.sorted() {
      namespaces[namespace].holders -= 1
      freeIfUnused(namespace)
    }
  }

  /// Ends the task's use of these namespaces. Other holders may remain.
  mutating func leave(_ left: Set<Int>, by task: Int) {
    for namespace in left.sorted() {
      namespaces[namespace].users.remove(TaskMask(task))
      if namespaces[namespace].users.isEmpty { namespaces[namespace].gaps += 1 }
    }
    for namespace in left.sorted() { freeIfUnused(namespace) }
  }

  /// FREED is in the ring before the number can be used again.
  private mutating func freeIfUnused(_ namespace: Int) {
    let object = namespaces[namespace]
    guard object.users.isEmpty, object.holders == 0, !object.isFreed, object.maker != nil
    else { return }
    namespaces[namespace].isFreed = true
    if world.tier.isTraced { putAside(.freed(object.id.inum), of: 0) }
    freeNumbers.append(object.id.inum)
  }

  /// Puts other namespaces into these slots of the task.
  mutating func move(_ task: Int, _ slots: [NamespaceSlot], to place: ModelPlace, entering: Bool) {
    let isSilent = isUnreported(call(of: task))
    if isSilent { tasks[task].isSilent = true }
    let old = tasks[task].place
    var new = old
    for slot in slots { new[slot] = place[slot] }
    for slot in slots where new[slot] != old[slot] {
      let others = namespaces[new[slot]].users.subtracting(TaskMask(task))
      tasks[task].entries.append(
        ModelTask.Entry(
          slot: slot, namespace: new[slot], others: others, isEntrance: entering,
          isSilent: isSilent, container: tasks[task].container))
    }
    tasks[task].place = new
    use(new, by: task)
    leave(old.namespaces.subtracting(new.namespaces), by: task)
    if isTold {
      for slot in slots where new[slot] != old[slot] {
        tell(task, "is in \(name(new[slot])) from here, was in \(name(old[slot]))\(slot.note)")
      }
    }
  }

  /// Whether no hook sees the call. Only fexit programs see compat calls.
  private func isUnreported(_ call: ModelCall?) -> Bool {
    switch call {
    case .compatUnshare, .compatSetns: !world.tier.isTraced
    default: false
    }
  }

  func name(_ namespace: Int) -> String {
    let id = namespaces[namespace].id
    let maker = namespaces[namespace].maker.map { ", made by \(TaskName(index: $0))" }
    return "\(id.kind):\(id.text)" + (maker ?? "")
  }

  mutating func tell(_ task: Int, _ text: String) {
    guard isTold else { return }
    lines.append("\(TaskName(index: task).description.padding(to: 5))\(text)")
  }
}

extension NamespaceSlot {
  fileprivate var note: String {
    self == .pidChildren || self == .timeChildren ? " (for children)" : ""
  }
}

extension String {
  func padding(to width: Int) -> String {
    count < width ? self + String(repeating: " ", count: width - count) : self
  }
}
