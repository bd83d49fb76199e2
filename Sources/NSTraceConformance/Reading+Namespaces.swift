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
      if isNew { note(new, isMade: isMade) }
      // A call that was not asked to make a namespace has found it. unshare only makes namespaces.
      let isBorn = [.clone, .clone3].contains(op(slot.kind))
      let isFound = !isMade && (op(slot.kind) == .unshare || isNew && isBorn)
      return NamespaceRecord(
        verb: isNew ? .create : .change, op: isFound ? .late : op(slot.kind), kind: slot.kind,
        namespace: new.id, old: old?.id, opid: tid,
        namespaceContainers: isNew ? ContainerList() : containers(using: new))
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

  /// R8: a namespace's list, sorted by ID because the order in which they came is not judged. The
  /// host's own namespaces have none.
  func containers(using namespace: Instance) -> ContainerList {
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

  mutating func count(out id: ContainerID) {
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
