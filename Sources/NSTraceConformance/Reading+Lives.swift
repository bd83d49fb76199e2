// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

extension Reading {
  mutating func fork(_ event: nst_fork) {
    guard makeRoom(for: event.child) else { return }
    let time = event.hdr.time_ns
    var stance: Stance?
    if event.hdr.flags & UInt16(NST_FLAG_CONFINEMENT) != 0 { stance = Stance(event) }
    var parent = tasks[event.parent_tid].flatMap { $0.id.start_ns <= time ? $0 : nil }
    if let id = parent?.id, let stance {
      tell(id, stance)
      noteStances()
      parent = tasks[id.tid]
    }
    bear(
      event.child, number: event.container, of: parent, in: parent?.place(at: time),
      inside: isApart(event, from: parent) ? nil : parent, stance, at: time)
    close(event.child.tid)
  }

  /// Whether the child has another list than its parent, by its own number: then that parent is another
  /// task, which has got the tid since.
  private func isApart(_ event: nst_fork, from parent: Task?) -> Bool {
    guard let parent, parent.number != event.container else { return false }
    let isKnown = event.container == 0 || lists[event.container] != nil
    return isKnown && lists[event.container] ?? ContainerList() != parent.list
  }

  mutating func clone(_ event: nst_clone) {
    guard makeRoom(for: event.child) else { return }
    let time = event.hdr.time_ns
    let caller = event.subject.task
    tell(event.subject, at: time)
    let parent = isKnown(caller) ? tasks[caller.tid] : nil
    act(caller.tid)
    let asked = asked(by: event.call.flags)
    let changes = changes(to: event.set, from: parent?.place(at: time))
    let made = asked.intersection(changes)
    endFreed(in: changes, made: made, of: event.set, at: time)
    let place = instances(in: event.set)
    let origin = (isKnown(caller) ? tasks[caller.tid] : nil)?.place(at: time)
    let op: Operation = event.call.systemCall == .clone3 ? .clone3 : .clone
    let records = arrivals(of: event.child.tid, at: place, from: origin, made: made) { _ in op }
    account.follow(event.child.tid, from: origin, to: place)
    let mother = origin == nil ? nil : tasks[caller.tid]
    var heir = newcomer(event.child, number: event.call.container, at: time)
    if let parent { heir.list = parent.list }
    if let mother { (heir.stay, heir.inside) = (mother.stay, mother.inside) }
    heir = follow(heir, to: place, from: origin, made: made) { _ in op }
    bear(
      event.child, number: event.call.container, of: parent, in: place, inside: heir,
      Stance(event.subject), at: time)
    takeTags(event.child.tid, from: origin, made: made)
    name(event.child.tid, heir.stay)
    let entered = entered(place, made, from: mother) { _ in op }
    tasks[event.child.tid]?.entered = entered
    say(records, carrying: tasks[event.child.tid]?.list)
    close(event.child.tid)
  }

  /// - Parameter heir: has the child's session; nil: it has none.
  private mutating func bear(
    _ id: nst_task_id, number: UInt32, of parent: Task?, in place: [Instance]?,
    inside heir: Task?, _ stance: Stance?, at time: UInt64
  ) {
    var child =
      parent == nil
      ? seenLate(id, number: number, at: time) : newcomer(id, number: number, at: time)
    child.stance = stance ?? parent?.stance
    let entrance = entrances.take(id).map { CgroupHome($0, inheriting: parent?.home) }
    if let parent {
      child.home = parent.home == nil ? nil : entrance ?? parent.home
      child.list = parent.list
      child.isHeir = true
      (child.origin, child.isCapable) = (parent.id.tgid, parent.isCapable)
      child.entered = parent.entered
      child.forker = parent.id.tgid
      account.birth = (id.tid, parent.number, number)
      account.isToldNumber = lists[number] != nil
    }
    child.place = place
    if let heir, place != nil { (child.stay, child.inside) = (heir.stay, heir.inside) }
    add(child)
    count(inside: child)
    note(id.tid)
  }

  func newcomer(_ id: nst_task_id, number: UInt32, at time: UInt64) -> Task {
    Task(
      id: id, toldNs: time, snapshot: snapshots, number: number,
      list: lists[number] ?? ContainerList(), isHeir: lists[number] != nil)
  }

  /// As `newcomer`. A container that seemed to have ended goes on with it.
  mutating func seenLate(_ id: nst_task_id, number: UInt32, at time: UInt64) -> Task {
    if let tag = entryNumbers[number] { entryTags.insert(tag) }
    return newcomer(id, number: number, at: time)
  }

  mutating func exit(_ event: nst_exit) {
    // An exit from before the task was last seen is that of a leader whose tid exec gave to a
    // thread.
    guard isKnown(event.task), let task = tasks[event.task.tid], task.toldNs <= event.hdr.time_ns
    else { return }
    act(event.task.tid)
    end(event.task.tid, .exit)
  }

  /// Whether a task can be born: its tid is possible, and neither it nor a later owner of the tid
  /// exists.
  mutating func makeRoom(for id: nst_task_id) -> Bool {
    guard id.tid > 0, id.tid < 1 << 22 else { return false }
    guard let there = tasks[id.tid] else { return true }
    if there.id.start_ns == id.start_ns { tasks[id.tid]?.snapshot = snapshots }
    if there.id.start_ns >= id.start_ns { return false }
    end(id.tid, .late)
    return true
  }

  func isKnown(_ id: nst_task_id) -> Bool {
    tasks[id.tid].map { $0.id.start_ns == id.start_ns } ?? false
  }

  mutating func end(_ tid: UInt32, _ op: Operation) {
    note(tid)
    guard let task = tasks[tid] else { return }
    defer { noteStances() }
    let unused = remove(tid)
    name(tid, task.stay)
    end(insideOf: task, op)
    say(endings(of: unused, by: tid) { _ in op }, carrying: task.list)
    close(tid)
    endContainers(among: task.list, tid)
  }

  /// R11: ends those of the IDs that no task carries any more.
  mutating func endContainers(among list: ContainerList, _ tid: UInt32) {
    for id in list.elements.map(\.id) where population[id] == nil {
      account.ends.append(
        ContainerRecord(
          verb: .drop, opid: tid, id: .unset, old: ContainerList([.init(id)]),
          name: names[id] ?? [], refusal: nil))
      owners[id] = nil
      entryTags.remove(id)
    }
  }

  mutating func endSnapshot() {
    // An end without a beginning has nothing to compare with.
    let unseen = isWalking ? tasks.keys.filter { tasks[$0]?.snapshot != snapshots } : []
    for tid in unseen.sorted() { end(tid, .resync) }
    let wasFollowing = isFollowing
    let isFirst = isWalking && !isFollowing
    isFollowing = true
    isWalking = false
    if !wasFollowing { resumeStays() }
    if isFirst { endUnseenKept() }
    if !wasFollowing { findStays() }
  }
}
