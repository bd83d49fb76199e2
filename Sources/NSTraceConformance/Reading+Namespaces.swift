// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

extension Reading {
  /// The records of a task's new namespaces. A namespace that no task used is created.
  mutating func arrivals(
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
      washIfRenewed(new, isMade: isMade, isEntered: op(slot.kind) == .setns)
      if isNew { note(new, isMade: isMade) }
      // A call that was not asked to make a namespace has found it. unshare only makes namespaces.
      let isBorn = [.clone, .clone3].contains(op(slot.kind))
      let isFound = !isMade && (op(slot.kind) == .unshare || isNew && isBorn)
      return NamespaceRecord(
        verb: isNew ? .create : .change, op: isFound ? .late : op(slot.kind), kind: slot.kind,
        namespace: new.id, old: old?.id, opid: tid,
        namespaceContainers: isNew ? listLeft(on: new) : containers(using: new))
    }
  }

  func endings(
    of unused: [Instance], by tid: UInt32, _ op: (NamespaceKind) -> Operation
  ) -> [NamespaceRecord] {
    unused.map {
      NamespaceRecord(
        verb: .destroy, op: op($0.id.kind), kind: $0.id.kind, namespace: $0.id, old: nil,
        opid: tid)
    }
  }

  /// As many as fit into a line that ausearch takes.
  static let listLimit = 200

  /// R8: a namespace's list, as far as it is printed, without `left`. The host's own namespaces have
  /// none.
  func containers(using namespace: Instance, but left: ContainerID? = nil) -> ContainerList {
    if initial.contains(namespace.id) { return ContainerList() }
    // One more, because `left` may be among them.
    let users = shares[namespace]?.first(Self.listLimit + 1) ?? []
    return Self.printed((remains(of: namespace) + users).filter { $0 != left })
  }

  /// T2: the list of a namespace that no task used before.
  private func listLeft(on namespace: Instance) -> ContainerList {
    Self.printed(remains(of: namespace))
  }

  private static func printed(_ ids: [ContainerID]) -> ContainerList {
    ContainerList(ids.prefix(listLimit).map { .init($0) })
  }

  /// Adds a task whose namespaces and list are not counted yet, or replaces it.
  mutating func add(_ task: Task) {
    enroll(task)
    if let place = task.place { hold(place, task.list) }
    for element in task.list.elements { count(in: element.id) }
    count(task.id.tid)
  }

  /// Sets a task's entry, and notes what finds it.
  mutating func enroll(_ task: Task) {
    tasks[task.id.tid] = task
    if task.isThread { threads[task.id.tgid, default: []].insert(task.id.tid) }
    guard task.number != 0, lists[task.number] == nil else { return }
    early[task.number, default: []].insert(task.id.tid)
  }

  /// Removes a task's entry.
  mutating func strike(_ tid: UInt32) -> Task? {
    guard let task = tasks.removeValue(forKey: tid) else { return nil }
    threads[task.id.tgid]?.remove(tid)
    if threads[task.id.tgid]?.isEmpty == true { threads[task.id.tgid] = nil }
    return task
  }

  /// - Returns: the namespaces that no task uses any more.
  mutating func remove(_ tid: UInt32) -> [Instance] {
    guard let task = strike(tid) else { return [] }
    count(tid)
    for element in task.list.elements { count(out: element.id) }
    return release(task.place, task.list)
  }

  mutating func count(in id: ContainerID) {
    population[id, default: 0] += 1
    guard population[id] == 1 else { return }
    for half in [Half.high(id.high), .low(id.low)] { halves[half, default: 0] += 1 }
  }

  mutating func count(out id: ContainerID) {
    guard let old = population[id] else { return }
    population[id] = old > 1 ? old - 1 : nil
    guard old == 1 else { return }
    for half in [Half.high(id.high), .low(id.low)] {
      let rest = (halves[half] ?? 0) - 1
      halves[half] = rest > 0 ? rest : nil
    }
  }

  mutating func hold(_ place: [Instance], _ list: ContainerList) {
    for namespace in place { holders[namespace, default: 0] += 1 }
    crowds[Self.memberships(place), default: 0] += 1
    guard !list.isUnset else { return }
    for namespace in Set(place) {
      for element in list.elements {
        let isNew = shares[namespace, default: Arrivals()].add(element.id)
        if isStainable(namespace) {
          if stain(namespace, element.id) { joined[namespace, default: []].insert(element.id) }
        } else if isNew, left[namespace]?.remove(element.id) == nil {
          joined[namespace, default: []].insert(element.id)
        }
      }
    }
  }

  mutating func release(_ place: [Instance]?, _ list: ContainerList) -> [Instance] {
    var unused: [Instance] = []
    if let place { desert(Self.memberships(place)) }
    for namespace in place ?? [] {
      let rest = (holders[namespace] ?? 0) - 1
      holders[namespace] = rest > 0 ? rest : nil
      guard rest == 0 else { continue }
      forgetUntold(namespace)
      made.remove(namespace)
      if freedStains.contains(namespace.id) { wash(namespace.id) }
      if ended.remove(namespace) == nil { unused.append(namespace) }
    }
    guard !list.isUnset else { return unused }
    for namespace in Set(place ?? []) {
      for element in list.elements {
        let isLast = shares[namespace]?.remove(element.id) == true
        if isStainable(namespace) {
          if isLast { fade(namespace, element.id) }
          continue
        }
        if isLast, joined[namespace]?.remove(element.id) == nil {
          left[namespace, default: []].insert(element.id)
        }
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
}
