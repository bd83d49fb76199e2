// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

// MARK: - Sessions that began before the stream did

extension NaiveTracker {
  mutating func keptSession(_ event: nst_kept_session, exe: RawSpan) {
    if isFollowing { return }
    sessions = max(sessions, event.session)
    let isNew = event.session != 0 && keptSessions[event.session] == nil
    if isNew, !event.ids.isEmpty { keptSessions[event.session] = (event, [UInt8](exe)) }
  }

  mutating func inside(_ event: nst_inside) {
    guard !isFollowing, event.tgid < 1 << 22, keptSessions[event.session] != nil else { return }
    keptInside[event.tgid] = event
    keptReadNs = max(keptReadNs, event.hdr.time_ns)
  }

  /// What a task's process was inside, or the process that it descends from.
  private func visit(of tid: UInt32) -> nst_inside? {
    var tid = tid
    for _ in 0..<64 {
      guard let task = tasks[tid] else { return nil }
      if (tasks[task.tgid] ?? task).startNs <= keptReadNs { return keptInside[task.tgid] }
      let named = parent(of: task, tid)
      if task.forker == 0, let parent = tasks[named], parent.startNs >= task.startNs { return nil }
      tid = task.forker == 0 ? named : task.forker
    }
    return nil
  }

  /// The slots by which tasks are still inside: not in the host's namespaces, nor where only other containers
  /// live. All are taken to be visitors first.
  private mutating func keptSlots() -> [UInt32: Set<NamespaceSlot>] {
    for (tid, task) in tasks {
      guard let visit = visit(of: tid), let place = task.place else { continue }
      let slots = NamespaceSlot.allCases.filter {
        visit.slots & 1 << UInt32($0.rawValue) != 0 && !task.gone.contains($0)
          && !initial.contains(place[$0])
      }
      tasks[tid]?.inside = Set(slots)
    }
    let slots = tasks.filter { !$1.inside.isEmpty }.map { tid, task in
      (tid, task.inside.filter { slot in isStill(task, inside: slot, visit(of: tid)) })
    }
    for (tid, _) in slots { tasks[tid]?.inside = [] }
    return Dictionary(uniqueKeysWithValues: slots)
  }

  private func isStill(_ task: Task, inside slot: NamespaceSlot, _ visit: nst_inside?) -> Bool {
    guard let place = task.place, let visit, let (record, _) = keptSessions[visit.session] else {
      return false
    }
    let living = residents(place[slot])
    return living.isEmpty || !living.isDisjoint(with: record.ids)
  }

  mutating func resumeSessions(at time: UInt64) {
    var resumed: [UInt32: Session] = [:]
    let slots = keptSlots()
    for tid in tasks.keys.sorted() {
      guard let visit = visit(of: tid), let (record, exe) = keptSessions[visit.session],
        let program = tasks[tid].map(\.program), let slots = slots[tid], !slots.isEmpty
      else { continue }
      let session = resumed[visit.session] ?? resume(record, exe)
      resumed[visit.session] = session
      tasks[tid]?.session = session
      tasks[tid]?.inside = slots
      say([], at: time, actor: program == nil ? nil : tid, program, session)
    }
    for number in keptSessions.keys.sorted() where resumed[number] == nil {
      guard let (record, exe) = keptSessions[number] else { continue }
      var session = session(record, exe)
      session.names = record.ids.sorted().map { name(of: $0) ?? [] }
      say(
        .end, session, SessionRecord.Way(.late), opid: record.opid, since: record.began_ns,
        wayIn: record.way)
      say([], at: time, actor: nil, nil, nil)
    }
    (keptSessions, keptInside, keptReadNs) = ([:], [:], 0)
  }

  private func session(_ record: nst_kept_session, _ exe: [UInt8]) -> Session {
    Session(
      number: record.session, entered: record.ids, entrant: record.entrant,
      program: Program(path: exe, marks: record.marks), names: [])
  }

  private mutating func resume(_ record: nst_kept_session, _ exe: [UInt8]) -> Session {
    var session = session(record, exe)
    session.names = visit(record.ids)
    living.append(session)
    say(.resume, session, record.way, opid: record.opid, since: record.began_ns)
    return session
  }
}

extension nst_kept_session {
  fileprivate var ids: Set<ContainerID> {
    let halves = withUnsafeBytes(of: contids) { Array($0.bindMemory(to: UInt64.self)) }
    let all = (0..<min(Int(containers), 32)).map {
      ContainerID(high: halves[2 * $0], low: halves[2 * $0 + 1])
    }
    return Set(all).filter { !$0.isUnset }
  }

  fileprivate var entrant: nst_subject? {
    if tid == 0 { return nil }
    var subject = nst_subject()
    (subject.task.tid, subject.task.tgid, subject.ppid) = (tid, tgid, ppid)
    (subject.uid, subject.auid, subject.ses, subject.comm) = (uid, auid, ses, comm)
    return subject
  }

  fileprivate var marks: ProgramMarks {
    ProgramMarks(rawValue: UInt8(exe_flags & 3))
  }

  fileprivate var way: SessionRecord.Way {
    let ops: [UInt16: NSTrace.Operation] = [1: .clone, 2: .clone3, 4: .setns, 5: .exec]
    let found: NSTrace.Operation = flags & 1 == 0 ? .late : .resync
    let all: [NamespaceKind] = [.mnt, .uts, .ipc, .pid, .user, .net, .cgroup, .time]
    return SessionRecord.Way(
      ops[op] ?? found, all.enumerated().filter { kinds & 1 << UInt16($0.offset) != 0 }.map(\.1))
  }
}
