// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

// MARK: - T4: sessions that began before the stream did

extension Reading {
  /// A session that began before the stream did.
  struct KeptStay {
    var containers: [ContainerID]
    /// The task that came in.
    var tid: UInt32
    var how: String
    var isLate: Bool
  }

  /// How many births since the stream's beginning are followed up to a process that was inside.
  private static let birthLimit = 64

  mutating func keep(_ event: nst_kept_session) {
    if isFollowing { return }
    lastKept = max(lastKept, event.session)
    let ids = event.ids
    guard event.session != 0, !ids.isEmpty, position != .automatic, keptStays[event.session] == nil
    else { return }
    let kinds = NamespaceKind.allCases.filter { event.kinds >> UInt16($0.rawValue) & 1 == 1 }
      .map { "\($0.name)" }.joined(separator: ",")
    let op = event.wayIn
    keptStays[event.session] = KeptStay(
      containers: ids, tid: event.opid, how: "\(op.name)" + (kinds.isEmpty ? "" : ":\(kinds)"),
      isLate: op == .late || op == .resync)
  }

  mutating func note(_ event: nst_inside) {
    guard !isFollowing, event.tgid < 1 << 22, keptStays[event.session] != nil else { return }
    let slots = NamespaceSlot.allCases.filter { event.slots >> UInt32($0.rawValue) & 1 == 1 }
    keptInside[event.tgid] = (event.session, Set(slots))
    keptReadNs = max(keptReadNs, event.hdr.time_ns)
  }

  /// What a task was inside, by its process or by one that it descends from.
  private func keptVisit(of tid: UInt32) -> (session: UInt32, slots: Set<NamespaceSlot>)? {
    var next = tasks[tid]
    for _ in 0..<Self.birthLimit {
      guard let task = next else { return nil }
      let leader = tasks[task.id.tgid] ?? task
      if leader.id.start_ns <= keptReadNs { return keptInside[task.id.tgid] }
      next = parent(of: task)
    }
    return nil
  }

  /// Who made a task; where no record of that counted, whom it names as its parent.
  private func parent(of task: Task) -> Task? {
    if task.forker != 0 { return tasks[task.forker] }
    return tasks[task.origin].flatMap { $0.id.start_ns < task.id.start_ns ? $0 : nil }
  }

  /// The slots by which tasks are inside of those that are kept: not by the host's own namespaces, nor by
  /// those where only other containers live.
  private func keptVisits() -> [UInt32: (session: UInt32, slots: Set<NamespaceSlot>)] {
    var visits: [UInt32: (session: UInt32, slots: Set<NamespaceSlot>)] = [:]
    for (tid, task) in tasks {
      guard let visit = keptVisit(of: tid), let place = task.place else { continue }
      let slots = visit.slots.filter {
        let namespace = place[$0.rawValue]
        return !ended.contains(namespace) && !initial.contains(namespace.id)
      }
      visits[tid] = (visit.session, slots)
    }
    let living = residents(besides: visits.mapValues { $0.slots })
    for (tid, visit) in visits {
      let containers = keptStays[visit.session]?.containers ?? []
      visits[tid]?.slots = visit.slots.filter { slot in
        let there = tasks[tid]?.place.flatMap { living[$0[slot.rawValue]] }
        return there.map { containers.contains(where: $0.contains) } ?? true
      }
    }
    return visits
  }

  /// The containers whose tasks are in each namespace by another slot than those of their visits.
  private func residents(
    besides visits: [UInt32: Set<NamespaceSlot>]
  ) -> [Instance: Set<ContainerID>] {
    var residents: [Instance: Set<ContainerID>] = [:]
    for (tid, task) in tasks where !task.list.isUnset {
      guard let place = task.place else { continue }
      for slot in NamespaceSlot.allCases where visits[tid]?.contains(slot) != true {
        residents[place[slot.rawValue], default: []].formUnion(task.list.elements.map(\.id))
      }
    }
    return residents
  }

  /// Gives the tasks that the first snapshot has found their sessions, and ends those without tasks.
  mutating func resumeStays() {
    var resumed: [UInt32: Stay] = [:]
    let visits = keptVisits()
    for tid in tasks.keys.sorted() {
      guard let visit = visits[tid], !visit.slots.isEmpty else { continue }
      let stay = resumed[visit.session] ?? tell(.resume, visit.session)
      resumed[visit.session] = stay
      tasks[tid]?.stay = stay
      tasks[tid]?.inside = visit.slots
      if let task = tasks[tid] { count(inside: task) }
    }
    for number in keptStays.keys.sorted() where resumed[number] == nil { tell(.end, number) }
    (keptStays, keptInside, keptReadNs) = ([:], [:], 0)
  }

  @discardableResult
  private mutating func tell(_ verb: SessionRecord.Verb, _ number: UInt32) -> Stay? {
    guard let kept = keptStays[number] else { return nil }
    stays += 1
    let stay = Stay(session: stays, containers: kept.containers)
    let isEnd = verb == .end
    account.passages.append(
      Account.Passage(
        verb: verb, session: stay.session, containers: stay.containers,
        how: isEnd ? "late" : kept.how, isLate: isEnd || kept.isLate, tid: kept.tid, number: number)
    )
    // The first snapshot's end is the first occasion to print.
    account.isFollowing = true
    return stay
  }
}

extension nst_kept_session {
  /// The containers, by ID, each once.
  fileprivate var ids: [ContainerID] {
    let halves = unsafe withUnsafeBytes(of: contids) { bytes in
      unsafe Array(bytes.bindMemory(to: UInt64.self))
    }
    var ids: Set<ContainerID> = []
    for index in 0..<min(Int(containers), halves.count / 2) {
      ids.insert(ContainerID(high: halves[2 * index], low: halves[2 * index + 1]))
    }
    return ids.filter { !$0.isUnset }.sorted()
  }

  fileprivate var wayIn: Operation {
    switch nst_op(rawValue: op) {
    case NST_OP_CLONE: .clone
    case NST_OP_CLONE3: .clone3
    case NST_OP_SETNS: .setns
    case NST_OP_EXEC: .exec
    default: flags & UInt16(NST_SESSION_RESYNC) == 0 ? .late : .resync
    }
  }
}
