// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

// MARK: - T4: container sessions

extension NaiveTracker {
  struct Session: Equatable {
    var number: UInt32
    /// The containers whose namespaces were entered.
    var entered: Set<ContainerID>
    /// The task that came in, as it was then.
    var entrant: nst_subject?
    var program: Program
    var names: [[UInt8]]

    static func == (a: Session, b: Session) -> Bool { a.number == b.number }

    var visit: ContainerVisit {
      ContainerVisit(
        session: number, containers: ContainerList(entered.sorted().map { .init($0) }))
    }
  }

  /// The containers of the tasks that are in a namespace by a slot by which they are not visitors.
  func residents(_ namespace: NamespaceID) -> Set<ContainerID> {
    if initial.contains(namespace) { return [] }
    return Set(
      tasks.values.compactMap { task -> ContainerID? in
        let slots = NamespaceSlot.allCases.filter {
          task.place?[$0] == namespace && !task.gone.contains($0) && !task.inside.contains($0)
        }
        return slots.isEmpty ? nil : task.contid
      })
  }

  /// The containers that sessions are inside by a namespace.
  private func visited(_ namespace: NamespaceID) -> Set<ContainerID> {
    var containers: Set<ContainerID> = []
    for task in tasks.values {
      guard let session = task.session, let place = task.place else { continue }
      let slots = task.inside.filter { !task.gone.contains($0) }
      if slots.contains(where: { place[$0] == namespace }) {
        containers.formUnion(session.entered)
      }
    }
    return containers
  }

  /// The containers that a task comes into with a namespace: those that live there; if none does, those that
  /// sessions are inside by it; and if there is none either, those that have stained it.
  private func inside(_ namespace: NamespaceID) -> Set<ContainerID> {
    if initial.contains(namespace) { return [] }
    let choices = [
      residents(namespace), visited(namespace), Set(dye?.left[namespace] ?? []),
    ]
    return choices.first { !$0.isEmpty } ?? []
  }

  /// T4: a new session for a task that comes into a namespace in which a container lives that it neither
  /// belongs to nor is inside of already. Where one lives that it belongs to, it is at home. A new namespace has
  /// no containers, so its maker enters none, and is inside by it if it was in that slot before. A task that is
  /// inside by no slot has left its session.
  mutating func moveSession(
    of task: inout Task, _ tid: UInt32, entering changes: Changes, by subject: nst_subject?,
    _ program: Program, _ op: (NamespaceSlot) -> NSTrace.Operation
  ) {
    guard isFollowing, let place = task.place else { return }
    var containers: Set<ContainerID> = []
    var slots: [NamespaceSlot] = []
    for slot in NamespaceSlot.allCases where changes.slots.contains(slot) {
      let isNew =
        users[place[slot]] == nil && op(slot) != .setns && list(of: place[slot]).isUnset
      if changes.made.contains(slot) || isNew { continue }
      let (here, living) = (inside(place[slot]), residents(place[slot]))
      let entered = task.session?.entered ?? []
      let own = Set([task.contid].compactMap(\.self)).subtracting(entered)
      task.inside.remove(slot)
      if here.isSubset(of: own) || !living.isDisjoint(with: own) { continue }
      task.inside.insert(slot)
      if isInside(place[slot], entered) { continue }
      slots.append(slot)
      containers.formUnion(here.subtracting(own))
    }
    if containers.isEmpty {
      if task.inside.isEmpty { task.session = nil }
      return
    }
    let isElsewhere = !task.inside.subtracting(slots).isEmpty
    let others = isElsewhere ? task.session?.entered ?? [] : []
    task.session = begin(
      containers.union(others), by: subject, program, way(slots, op), opid: tid)
  }

  /// Whether who is inside these containers is inside a namespace by them.
  private func isInside(_ namespace: NamespaceID, _ entered: Set<ContainerID>) -> Bool {
    let living = residents(namespace)
    return living.isEmpty
      ? inside(namespace).contains(where: entered.contains) : living.isSubset(of: entered)
  }

  private mutating func begin(
    _ containers: Set<ContainerID>, by subject: nst_subject?, _ program: Program,
    _ way: SessionRecord.Way, opid: UInt32
  ) -> Session {
    // A keeper's words have 22 bits of a number.
    repeat {
      sessions &+= 1
    } while sessions == 0
      || living.contains { $0.number % (1 << 22) == sessions % (1 << 22) }
    let session = Session(
      number: sessions, entered: containers, entrant: subject, program: program,
      names: visit(containers))
    living.append(session)
    say(.begin, session, way, opid: opid)
    return session
  }

  /// The names of containers that a session is inside.
  mutating func visit(_ containers: Set<ContainerID>) -> [[UInt8]] {
    containers.sorted().map { id in
      let name = name(of: id) ?? visited[id] ?? []
      visited[id] = name
      return name
    }
  }

  func name(of id: ContainerID) -> [UInt8]? {
    containers[id]?.name ?? kept[id]?.container.name
  }

  mutating func say(
    _ verb: SessionRecord.Verb, _ session: Session, _ way: SessionRecord.Way, opid: UInt32,
    since: UInt64? = nil, wayIn: SessionRecord.Way? = nil
  ) {
    passages.append(
      SessionRecord(
        verb: verb, session.visit, way, opid: opid, entrant: session.entrant.map(EventActor.init),
        exe: session.program.path, exeMarks: session.program.marks, names: session.names,
        since: since.map(wall), wayIn: wayIn))
  }

  func way(
    _ slots: [NamespaceSlot], _ op: (NamespaceSlot) -> NSTrace.Operation
  ) -> SessionRecord.Way {
    // unshare only makes namespaces, so it enters and leaves none.
    let first = slots.first.map(op).map { $0 == .unshare ? .late : $0 }
    return SessionRecord.Way(
      first, NamespaceKind.allCases.filter { kind in slots.contains { $0.kind == kind } })
  }

  /// How a task that has moved has left its session: by the slots by which it was inside.
  func way(
    leaving old: Task, _ changes: Changes, _ op: (NamespaceSlot) -> NSTrace.Operation
  ) -> SessionRecord.Way {
    let left = NamespaceSlot.allCases.filter {
      changes.slots.contains($0) && old.inside.contains($0)
    }
    return way(
      left.isEmpty ? NamespaceSlot.allCases.filter(changes.slots.contains) : left, op)
  }

  /// Ends the sessions that no task is in any more.
  mutating func endSessions(opid: UInt32, _ way: SessionRecord.Way) {
    for session in living
    where !tasks.values.contains(where: { $0.place != nil && $0.session == session }) {
      say(.end, session, way, opid: opid)
    }
    living.removeAll { session in
      !tasks.values.contains { $0.place != nil && $0.session == session }
    }
    visited = visited.filter { id, _ in living.contains { $0.entered.contains(id) } }
  }

  /// Begins a session for the tasks without a container that the first snapshot has found inside one that
  /// their session is not inside: one for those that are in the same namespaces, and were in one session.
  mutating func findSessions(at time: UInt64) {
    var known: [UInt32: [NamespacePlace: Session]] = [:]
    for tid in tasks.keys.sorted() {
      guard let task = tasks[tid], let place = task.place, task.contid == nil else { continue }
      let slots = NamespaceSlot.allCases.filter {
        !task.gone.contains($0) && !inside(place[$0]).isEmpty
      }
      tasks[tid]?.inside = Set(slots)
      let former = task.session?.entered ?? []
      let entered = slots.filter { !isInside(place[$0], former) }
      if entered.isEmpty { continue }
      let program = task.program ?? Program()
      let number = task.session?.number ?? 0
      let others = entered.count < slots.count ? former : []
      let session =
        (task.gone.isEmpty ? known[number]?[place] : nil)
        ?? begin(
          entered.reduce(others) { $0.union(inside(place[$1])) },
          by: lastSubject(of: task, tid), program, way(entered) { _ in .late }, opid: tid)
      if task.gone.isEmpty { known[number, default: [:]][place] = session }
      tasks[tid]?.session = session
      endSessions(opid: tid, SessionRecord.Way(.late))
      say([], at: time, actor: task.program == nil ? nil : tid, program, session)
    }
  }

  /// The last subject with the task's program, as the task.
  private func lastSubject(of task: Task, _ tid: UInt32) -> nst_subject? {
    guard var subject = task.program?.subject else { return nil }
    (subject.task.tid, subject.task.tgid) = (tid, task.tgid)
    return subject
  }
}
