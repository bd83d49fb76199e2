// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

// MARK: - T4: who is inside a container from outside

extension Reading {
  /// The session of a task. The reading numbers sessions itself, from 1.
  struct Stay: Equatable {
    var session: Int
    /// The containers that its first task entered, by ID.
    var containers: [ContainerID]
  }

  /// No session is inside more containers.
  private static let stayLimit = 32

  /// A task that moves to `place`, with its session there. It enters by a slot in whose namespace tasks of
  /// containers live that are neither its own nor its session's. It is inside by a namespace that it makes, or
  /// is found in alone, if it was inside in that slot.
  mutating func follow(
    _ task: Task, to place: [Instance], from origin: [Instance]?, made: Set<NamespaceSlot>,
    _ op: (NamespaceKind) -> Operation
  ) -> Task {
    guard isFollowing else { return task }
    var task = task
    var entered: [NamespaceSlot] = []
    var containers: Set<ContainerID> = []
    let session = Set(task.stay?.containers ?? [])
    let own = Set(task.list.elements.map(\.id)).subtracting(session)
    for slot in NamespaceSlot.allCases where origin?[slot.rawValue] != place[slot.rawValue] {
      let namespace = place[slot.rawValue]
      let isNew =
        holders[namespace] == nil && op(slot.kind) != .setns
        && self.containers(using: namespace).isUnset
      if made.contains(slot) || isNew { continue }
      task.inside.remove(slot)
      let others = containersInside(namespace).subtracting(own)
      if others.isEmpty || !residents(of: namespace).isDisjoint(with: own) { continue }
      task.inside.insert(slot)
      if isInside(namespace, session, others) { continue }
      entered.append(slot)
      containers.formUnion(others)
    }
    if !entered.isEmpty {
      let keeps = !task.inside.isSubset(of: entered)
      task.stay = begin(
        containers, besides: keeps ? task.stay?.containers ?? [] : [], task.id.tid,
        Self.how(entered, op))
    } else if task.inside.isEmpty {
      task.stay = nil
    }
    return task
  }

  /// Whether a session with these containers is inside a namespace already, in which there are `others`.
  private func isInside(
    _ namespace: Instance, _ session: Set<ContainerID>, _ others: Set<ContainerID>
  ) -> Bool {
    let living = residents(of: namespace)
    return living.isEmpty ? !others.isDisjoint(with: session) : living.isSubset(of: session)
  }

  /// The containers whose inside a namespace is: those whose tasks live there. Where none does, those that
  /// sessions are inside by it; else those that have stained it.
  private func containersInside(_ namespace: Instance) -> Set<ContainerID> {
    let living = residents(of: namespace)
    if !living.isEmpty || initial.contains(namespace.id) { return living }
    if let visited = insiders[namespace] { return Set(visited.keys) }
    return Set(remains(of: namespace).prefix(Self.listLimit))
  }

  /// The containers that tasks in a namespace have, without tasks that only visit it.
  private func residents(of namespace: Instance) -> Set<ContainerID> {
    guard !initial.contains(namespace.id), let users = shares[namespace] else { return [] }
    let guests = guests[namespace] ?? [:]
    return Set(users.first(Self.listLimit).filter { users.count(of: $0) > guests[$0] ?? 0 })
  }

  private mutating func begin(
    _ containers: Set<ContainerID>, besides others: [ContainerID], _ tid: UInt32,
    _ how: (text: String, isLate: Bool)
  ) -> Stay {
    var ids = Array(containers.sorted().prefix(Self.stayLimit))
    ids += others.filter { !containers.contains($0) }.prefix(Self.stayLimit - ids.count)
    stays += 1
    let stay = Stay(session: stays, containers: ids.sorted())
    say(.begin, stay, tid, how)
    return stay
  }

  private mutating func say(
    _ verb: SessionRecord.Verb, _ stay: Stay, _ tid: UInt32, _ how: (text: String, isLate: Bool)
  ) {
    account.passages.append(
      Account.Passage(
        verb: verb, session: stay.session, containers: stay.containers, how: how.text,
        isLate: how.isLate, tid: tid))
  }

  private static func how(
    _ slots: [NamespaceSlot], _ op: (NamespaceKind) -> Operation
  ) -> (text: String, isLate: Bool) {
    // unshare enters nothing: the task was found there.
    let op = slots.first.map { op($0.kind) } ?? .late
    let how = op == .unshare ? .late : op
    let kinds = NamespaceKind.allCases.filter { kind in slots.contains { $0.kind == kind } }
    return ("\(how.name):" + kinds.map { "\($0.name)" }.joined(separator: ","), isLate(how))
  }

  private static func isLate(_ op: Operation) -> Bool { op == .late || op == .resync }
}

// MARK: - The tasks of each session

extension Reading {
  /// Counts a task for its session, and for the containers that it is inside by its namespaces.
  mutating func count(inside task: Task) {
    guard let stay = task.stay, let place = task.place else { return }
    crews[stay.session, default: 0] += 1
    for slot in task.inside {
      for id in stay.containers {
        insiders[place[slot.rawValue], default: [:]][id, default: 0] += 1
      }
    }
    for namespace in visited(by: task) {
      for element in task.list.elements {
        guests[namespace, default: [:]][element.id, default: 0] += 1
      }
    }
  }

  /// The namespaces that a task holds by no slot but those by which it is inside.
  private func visited(by task: Task) -> Set<Instance> {
    guard let place = task.place else { return [] }
    let home = NamespaceSlot.allCases.filter { !task.inside.contains($0) }
    return Set(task.inside.map { place[$0.rawValue] }).subtracting(home.map { place[$0.rawValue] })
  }

  /// Takes it out again.
  /// - Returns: the session, if it was the last task.
  mutating func discount(inside task: Task) -> Stay? {
    guard let stay = task.stay, let place = task.place else { return nil }
    for slot in task.inside {
      for id in stay.containers { leave(place[slot.rawValue], id) }
    }
    for namespace in visited(by: task) {
      for element in task.list.elements {
        let rest = (guests[namespace]?[element.id] ?? 0) - 1
        guests[namespace]?[element.id] = rest > 0 ? rest : nil
      }
      if guests[namespace]?.isEmpty == true { guests[namespace] = nil }
    }
    let rest = (crews[stay.session] ?? 0) - 1
    crews[stay.session] = rest > 0 ? rest : nil
    return rest > 0 ? nil : stay
  }

  private mutating func leave(_ namespace: Instance, _ id: ContainerID) {
    let rest = (insiders[namespace]?[id] ?? 0) - 1
    insiders[namespace]?[id] = rest > 0 ? rest : nil
    if insiders[namespace]?.isEmpty == true { insiders[namespace] = nil }
  }

  /// Ends the session of a task that has exited, or was found to have.
  mutating func end(insideOf task: Task, _ op: Operation) {
    guard let stay = discount(inside: task), isFollowing else { return }
    say(.end, stay, task.id.tid, ("\(op.name)", Self.isLate(op)))
  }

  /// Ends the session of a task that was registered.
  mutating func end(insideOfRegistered task: Task) {
    guard let stay = discount(inside: task), isFollowing else { return }
    say(.end, stay, task.id.tid, ("register", false))
  }

  /// Ends the session that a task has left by a move from `old` to `place`, if it was the last.
  private mutating func end(
    insideOf old: Task, movedTo place: [Instance], _ op: (NamespaceKind) -> Operation
  ) {
    guard let stay = discount(inside: old), isFollowing else { return }
    let changed = NamespaceSlot.allCases.filter { old.place?[$0.rawValue] != place[$0.rawValue] }
    let left = changed.filter(old.inside.contains)
    say(.end, stay, old.id.tid, Self.how(left.isEmpty ? changed : left, op))
  }

  /// Gives a task that has moved the session that it has there. Its records name that, or else the one
  /// that it leaves.
  mutating func enter(
    _ tid: UInt32, as new: Task, from old: Task, _ op: (NamespaceKind) -> Operation
  ) {
    tasks[tid]?.stay = new.stay
    tasks[tid]?.inside = new.inside
    guard let task = tasks[tid], let place = task.place else { return }
    count(inside: task)
    end(insideOf: old, movedTo: place, op)
    let stay = new.stay ?? old.stay
    name(tid, stay)
    account.actorSession = stay?.session ?? 0
  }

  /// Notes which session the records about a task name.
  mutating func name(_ tid: UInt32, _ stay: Stay?) {
    account.sessions[tid, default: []].append(stay?.session ?? 0)
  }

  /// Begins a session for the tasks of the host that the first snapshot has found inside, unless they are
  /// already: one for those in the same namespaces that come out of the same one.
  mutating func findStays() {
    var known: [Int: [[Instance]: Stay]] = [:]
    for tid in tasks.keys.sorted() {
      guard let task = tasks[tid], let place = task.place, task.list.isUnset else { continue }
      let slots = NamespaceSlot.allCases.filter {
        !ended.contains(place[$0.rawValue]) && !containersInside(place[$0.rawValue]).isEmpty
      }
      let session = Set(task.stay?.containers ?? [])
      let entered = slots.filter {
        let namespace = place[$0.rawValue]
        return !isInside(namespace, session, containersInside(namespace))
      }
      if slots.isEmpty || entered.isEmpty && task.inside == Set(slots) { continue }
      var stay = task.stay
      if !entered.isEmpty {
        let former = task.stay?.session ?? 0
        stay = known[former]?[place] ?? begin(task, inside: slots, entered)
        if !place.contains(where: ended.contains) { known[former, default: [:]][place] = stay }
      }
      find(tid, inside: slots, stay)
    }
  }

  private mutating func begin(
    _ task: Task, inside slots: [NamespaceSlot], _ entered: [NamespaceSlot]
  ) -> Stay {
    var containers: Set<ContainerID> = []
    for slot in entered {
      if let place = task.place { containers.formUnion(containersInside(place[slot.rawValue])) }
    }
    let others = slots.count > entered.count ? task.stay?.containers ?? [] : []
    return begin(containers, besides: others, task.id.tid, Self.how(entered) { _ in .late })
  }

  private mutating func find(_ tid: UInt32, inside slots: [NamespaceSlot], _ stay: Stay?) {
    guard let old = tasks[tid] else { return }
    tasks[tid]?.stay = stay
    tasks[tid]?.inside = Set(slots)
    if let task = tasks[tid] { count(inside: task) }
    if let left = discount(inside: old) { say(.end, left, tid, ("late", true)) }
    // The first snapshot's end is the first occasion to print.
    account.isFollowing = true
  }
}
