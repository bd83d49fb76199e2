// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// Holds a report that names a namespace which no report has explained, with all that follows. The
/// wait ends when the maker's own report stands before it, or when a walk finds no other task in
/// the namespace. What shows another task there that came by no reported call goes first. The stage
/// before the tracker must come to the same. It has no limits.
struct NaiveWait {
  /// The result of a walk for one namespace.
  private struct Answer {
    var beganNs: UInt64
    var tasks: [nst_task]
  }

  private(set) var oracle = NaiveTracker()
  private var queue: [RawRecord] = []
  /// All namespaces that processed records have named.
  private var named: Set<NamespaceID> = []
  private var answers: [NamespaceID: Answer] = [:]
  /// The TASK records of a census, until its USERS records come.
  private var found: [nst_task] = []
  /// Whether records are missing, or the first walk is not complete.
  private var isUnsure = true

  var isWaiting: Bool { !queue.isEmpty }

  /// The namespaces that a walk is asked about.
  var waiting: [NamespaceID] {
    guard let held = queue.first else { return [] }
    return unexplained(by: held).filter { answer(to: $0, for: held) == nil }
  }

  mutating func take(_ event: RawRecord) {
    switch event {
    case .task(let task, _) where task.hdr.flags & UInt16(NST_FLAG_CENSUS) != 0:
      found.append(task)
    case .users(let users):
      keep(users)
      drain()
    case .lost, .snapshotBegin:
      release()
      isUnsure = true
      process(event)
    case .snapshotEnd:
      process(event)
      isUnsure = false
    default:
      queue.append(event)
      drain()
    }
  }

  mutating func release() {
    for event in queue { process(event) }
    queue = []
  }

  mutating func takeEvents() -> [ObservedEvent] {
    defer { oracle.events.removeAll(keepingCapacity: true) }
    return oracle.events
  }

  private mutating func keep(_ users: nst_users) {
    guard let kind = NamespaceKind.allCases.first(where: { $0.cloneFlag == UInt64(users.type) })
    else { return }
    let id = NamespaceID(kind: kind, inum: users.inum, nsid: users.id)
    found.removeAll { $0.hdr.time_ns < users.began_ns }
    let tasks = found.filter { NamespacePlace($0.set).ids.contains(id) }
    answers[id] = Answer(beganNs: users.began_ns, tasks: tasks)
  }

  private mutating func process(_ event: RawRecord) {
    named.formUnion(event.place?.ids ?? [])
    event.deliver(to: &oracle)
  }

  private mutating func drain() {
    while let held = queue.first {
      let ids = unexplained(by: held)
      let makers = ids.compactMap { maker(of: $0, for: held) }
      if let maker = makers.first {
        takeUp(maker)
      } else if ids.allSatisfy({ isUnused($0, but: held) }) {
        let wasSilent = ids.contains { takeUpSilent(in: $0, before: held) }
        if !wasSilent { process(queue.removeFirst()) }
      } else {
        return
      }
    }
  }

  /// Takes up a report, with what was found of its task when it was made.
  private mutating func takeUp(_ index: Int) {
    let maker = queue.remove(at: index)
    let late = queue[1..<index].indices.filter { queue[$0].isLate && queue[$0].tid == maker.actor }
    for event in late.map({ queue[$0] }) + [maker] { process(event) }
    for index in late.reversed() { queue.remove(at: index) }
  }

  /// Takes up what shows that a task was in the namespace by a call that no hook sees: a report of a
  /// task that was there before the reported call, or what the walk saw of a task whose next report
  /// says nothing of entering.
  private mutating func takeUpSilent(in id: NamespaceID, before held: RawRecord) -> Bool {
    let statement = queue.indices.first { index in
      queue[index].staysIn(id) && nextAct(of: queue[index].tid ?? 0, behind: held) == index
    }
    if let statement {
      takeUp(statement)
      return true
    }
    for seen in answer(to: id, for: held)?.tasks ?? [] {
      guard let next = nextAct(of: seen.subject.task.tid, behind: held),
        queue[next].timeNs > seen.hdr.time_ns, queue[next].tid == seen.subject.task.tid,
        !queue[next].isBirth, !queue[next].enters(id)
      else { continue }
      var late = seen
      late.hdr.flags = UInt16(NST_FLAG_LATE)
      process(.task(late, exe: []))
      return true
    }
    return false
  }

  /// The index of a task's first report behind the held one, which is another task's.
  private func nextAct(of tid: UInt32, behind held: RawRecord) -> Int? {
    if held.tid == tid { return nil }
    return queue.indices.dropFirst().first { queue[$0].actor == tid || queue[$0].tid == tid }
  }

  /// The namespaces in the report that others may have made, whose reports are still to come.
  private func unexplained(by event: RawRecord) -> [NamespaceID] {
    guard !isUnsure, let place = event.place, let tid = event.tid else { return [] }
    let told = oracle.tasks[tid]
    return Set(
      NamespaceSlot.allCases.filter { slot in
        told?.place?[slot] != place[slot] && !event.makes(slot) && !isExplained(place[slot])
      }.map { place[$0] }
    ).sorted { ($0.kind, $0.inum) < ($1.kind, $1.inum) }
  }

  /// Without ns_id a number may be another namespace's as soon as no task is known to use it.
  private func isExplained(_ id: NamespaceID) -> Bool {
    if id.nsid != 0 { return named.contains(id) }
    return oracle.users[id] != nil && !oracle.freed.contains(id)
  }

  /// The index of the maker's report, unless the number is freed before it. A task that has
  /// reported something else since the held report has made the namespaces of its next report after
  /// that.
  private func maker(of id: NamespaceID, for held: RawRecord) -> Int? {
    var returned: Set<UInt32> = []
    for (index, event) in queue.enumerated().dropFirst() {
      if case .freed(let freed) = event, freed.inum == id.inum, id.nsid == 0 { return nil }
      guard let actor = event.actor else { continue }
      let isIt = NamespaceSlot.allCases.contains { slot in
        event.place?[slot] == id && (event.makes(slot) || event.isLate && held.isEntrance)
      }
      if isIt && !returned.contains(actor) { return index }
      // A task found before its birth belongs to the same call. A task has made nothing before its
      // birth.
      if !event.isLate { returned.formUnion([actor, event.tid ?? actor]) }
    }
    return nil
  }

  private func answer(to id: NamespaceID, for held: RawRecord) -> Answer? {
    answers[id].flatMap { $0.beganNs > held.timeNs ? $0 : nil }
  }

  /// Whether every task that was found in the namespace has reported since.
  private func isUnused(_ id: NamespaceID, but held: RawRecord) -> Bool {
    guard let answer = answer(to: id, for: held) else { return false }
    return answer.tasks.allSatisfy { seen in
      queue.contains { $0.tid == seen.subject.task.tid }
    }
  }
}

extension RawRecord {
  /// The set in the record.
  fileprivate var place: NamespacePlace? {
    switch self {
    case .task(let event, _): NamespacePlace(event.set)
    case .clone(let event, _): NamespacePlace(event.set)
    case .switchNamespaces(let event, _): NamespacePlace(event.set)
    case .exec(let event, _, _): NamespacePlace(event.set)
    default: nil
    }
  }

  /// The task with that set, or the one that the record is about.
  fileprivate var tid: UInt32? {
    switch self {
    case .task(let event, _): event.subject.task.tid
    case .clone(let event, _): event.child.tid
    case .switchNamespaces(let event, _): event.subject.task.tid
    case .exec(let event, _, _): event.subject.task.tid
    case .fork(let event): event.child.tid
    case .exit(let event, _): event.task.tid
    default: nil
    }
  }

  /// The task that made the call.
  fileprivate var actor: UInt32? {
    switch self {
    case .clone(let event, _): event.subject.task.tid
    case .fork(let event): event.parent_tid
    default: tid
    }
  }

  fileprivate var timeNs: UInt64 {
    switch self {
    case .task(let event, _): event.hdr.time_ns
    case .clone(let event, _): event.hdr.time_ns
    case .switchNamespaces(let event, _): event.hdr.time_ns
    case .exec(let event, _, _): event.hdr.time_ns
    case .exit(let event, _): event.hdr.time_ns
    default: 0
    }
  }

  fileprivate var isBirth: Bool {
    switch self {
    case .fork, .clone: true
    default: false
    }
  }

  /// Whether the reported call has brought the task into the namespace.
  fileprivate func enters(_ id: NamespaceID) -> Bool {
    guard isEntrance, case .switchNamespaces(let event, _) = self else { return false }
    return place?.ids.contains(id) == true
      && (event.call.flags == 0 || event.call.flags & id.kind.cloneFlag != 0)
  }

  /// Whether the task was in the namespace before the reported call.
  fileprivate func staysIn(_ id: NamespaceID) -> Bool {
    switch self {
    case .exec, .switchNamespaces:
      !enters(id) && NamespaceSlot.allCases.contains { place?[$0] == id && !makes($0) }
    default: false
    }
  }

  /// Whether the reported call has made the namespace in that slot.
  fileprivate func makes(_ slot: NamespaceSlot) -> Bool {
    switch self {
    case .clone(let event, _): event.call.flags & slot.kind.cloneFlag != 0
    case .switchNamespaces(let event, _):
      event.call.op == NST_OP_UNSHARE.rawValue && event.call.result >= 0
        && event.call.flags & slot.kind.cloneFlag != 0 && slot == .movedByCall(slot.kind)
    default: false
    }
  }

  fileprivate var isEntrance: Bool {
    guard case .switchNamespaces(let event, _) = self else { return false }
    return event.call.op == NST_OP_SETNS.rawValue && event.call.result >= 0
  }

  fileprivate var isLate: Bool {
    if case .task(let event, _) = self { return event.hdr.flags & UInt16(NST_FLAG_LATE) != 0 }
    return false
  }
}
