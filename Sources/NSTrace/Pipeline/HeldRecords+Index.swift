// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

extension HeldRecords {
  /// Indexes the next record.
  /// - Returns: whether there was one. A damaged record ends all explanations; the decoder reports
  ///   it.
  mutating func index() -> Bool {
    let rest = records.end - indexed
    guard rest > 0 else { return false }
    let position = indexed
    guard rest >= MemoryLayout<nst_header>.size, isWhole(records.header(at: position), in: rest)
    else {
      indexed = records.end
      losses.append(position)
      return true
    }
    indexed += Int(records.header(at: position).size)
    note(position)
    return true
  }

  private func isWhole(_ header: nst_header, in rest: Int) -> Bool {
    let size = Int(header.size)
    let least =
      switch RecordKind(rawValue: header.kind) {
      case .fork: MemoryLayout<nst_fork>.size
      case .exit: MemoryLayout<nst_exit>.size
      case .task: MemoryLayout<nst_task>.size
      case .clone: MemoryLayout<nst_clone>.size
      case .switchNamespaces: MemoryLayout<nst_switch>.size
      case .exec: MemoryLayout<nst_exec>.size
      case .freed: MemoryLayout<nst_freed>.size
      case .users: MemoryLayout<nst_users>.size
      // Only the header is read.
      case .cgroup, .attach, .cgroupIn, .host, .clock, .snapshotBegin, .snapshotEnd, .lost,
        .register,
        .member, .pinned, .confined, .suppressed, .kept, .keptSession, .inside, .stain,
        .audit, .auditLost, nil:
        MemoryLayout<nst_header>.size
      }
    return size >= least && size % 8 == 0 && size <= min(rest, Int(NST_RECORD_BYTES_MAX))
  }

  private mutating func note(_ position: Int) {
    let header = records.header(at: position)
    switch RecordKind(rawValue: header.kind) {
    case .switchNamespaces: noteSwitch(position)
    case .clone: noteClone(position)
    case .fork: noteFork(position)
    case .exit: noteExit(position)
    case .exec: noteExec(position)
    case .freed: frees[(records.load(at: position) as nst_freed).inum, default: []].append(position)
    case .task: noteTask(position, header.flags)
    case .users: noteUsers(position)
    case .lost, .snapshotBegin, .host: losses.append(position)
    // These kinds state neither a task's set nor a namespace's maker.
    case .cgroup, .attach, .cgroupIn, .clock, .snapshotEnd, .register, .member, .pinned, .confined,
      .suppressed, .kept, .keptSession, .inside, .stain,
      .audit, .auditLost, nil:
      break
    }
  }

  @discardableResult
  private mutating func noteAct(of tid: UInt32, _ position: Int) -> Act {
    let act = Act(position: position, previous: acts[tid]?.position)
    acts[tid] = act
    guard !awaited.isEmpty else { return act }
    for seen in awaited.removeValue(forKey: tid) ?? [] { firstActs[seen] = act }
    return act
  }

  private mutating func noteFork(_ position: Int) {
    let report: nst_fork = records.load(at: position)
    // The child is where its parent is.
    places[report.child.tid] = places[report.parent_tid] ?? position
    noteAct(of: report.parent_tid, position)
    noteAct(of: report.child.tid, position)
  }

  private mutating func noteExit(_ position: Int) {
    let report: nst_exit = records.load(at: position)
    places[report.task.tid] = position
    noteAct(of: report.task.tid, position)
  }

  private mutating func noteExec(_ position: Int) {
    let report: nst_exec = records.load(at: position)
    // A thread that calls exec takes over its leader's tid.
    let tids = [report.old_tid, report.subject.task.tid]
    for tid in tids { places[tid] = position }
    noteStatements(of: noteAct(of: report.old_tid, position)) { _ in true }
    if tids[0] != tids[1] { noteAct(of: tids[1], position) }
  }

  private mutating func noteSwitch(_ position: Int) {
    let report: nst_switch = records.load(at: position)
    let tid = report.subject.task.tid
    places[tid] = position
    let act = noteAct(of: tid, position)
    noteStatements(of: act) { report.call.leaves($0) }
    guard report.call.result >= 0 else { return }
    guard report.call.systemCall == .unshare else { return entries.append(position) }
    for kind in NamespaceKind.allCases where report.call.flags & kind.cloneFlag != 0 {
      makings[report.set[.movedByCall(kind)], default: []].append(
        Making(act: act))
    }
  }

  private mutating func noteStatements(of act: Act, in isKept: (NamespaceSlot) -> Bool) {
    let set = records.set(at: act.position)
    for slot in NamespaceSlot.allCases where isKept(slot) {
      statements[set[slot], default: []].append(act)
    }
  }

  private mutating func noteClone(_ position: Int) {
    let report: nst_clone = records.load(at: position)
    let tid = report.subject.task.tid
    let last = acts[tid]
    // The kernel side sends the parent's record from within the call.
    let parents = last.flatMap { isTask($0.position) ? $0.position : nil }
    let previous = parents == nil ? last?.position : last?.previous
    places[report.child.tid] = position
    noteAct(of: tid, position)
    noteAct(of: report.child.tid, position)
    for slot in NamespaceSlot.allCases where slot.isMembership {
      guard report.call.flags & slot.kind.cloneFlag != 0 else { continue }
      makings[report.set[slot], default: []].append(
        Making(act: Act(position: position, previous: previous), parents: parents))
    }
  }

  /// Indexes a TASK record. A task that is found to have moved is in its set, and may have made its
  /// namespaces.
  private mutating func noteTask(_ position: Int, _ flags: UInt16) {
    if flags & UInt16(NST_FLAG_CENSUS) != 0 { return seen.append(position) }
    let tid = records.task(at: position).tid
    places[tid] = position
    let act = noteAct(of: tid, position)
    let set = records.set(at: position)
    for id in Set(NamespaceSlot.allCases.map { set[$0] }) {
      makings[id, default: []].append(Making(act: act))
    }
  }

  private func isTask(_ position: Int) -> Bool {
    records.header(at: position).kind == NST_KIND_TASK.rawValue
  }

  private mutating func noteUsers(_ position: Int) {
    let users: nst_users = records.load(at: position)
    if users.type == 0 { return ends.append(position) }
    let kind = NamespaceKind.allCases.first { $0.cloneFlag == UInt64(users.type) }
    guard let kind else { return }
    let id = NamespaceID(kind: kind, inum: users.inum, nsid: users.id)
    // Drops what an earlier walk saw.
    seen = seen.filter { records.header(at: $0).time_ns >= users.began_ns }
    let found = seen.filter { holds(records.set(at: $0), id) }
    let unreported = found.filter { !hasReported($0, id) }
    for seen in unreported { noteUnreported(seen) }
    answers[id, default: []].append(
      Answer(
        position: position, beganNs: users.began_ns, unreported: unreported,
        isCut: users.tasks > found.count))
  }

  /// A walk's record of a task stands before the results for several namespaces.
  private mutating func noteUnreported(_ seen: Int) {
    let tid = records.task(at: seen).tid
    if awaited[tid]?.last != seen { awaited[tid, default: []].append(seen) }
  }

  private func holds(_ set: nst_set, _ id: NamespaceID) -> Bool {
    NamespaceSlot.allCases.contains { set[$0] == id }
  }

  /// Whether a task that a walk saw in a namespace has reported since, has ended, or came there by
  /// a report or by birth.
  private func hasReported(_ seen: Int, _ id: NamespaceID) -> Bool {
    guard let position = places[records.task(at: seen).tid] else { return false }
    let last = records.header(at: position)
    if last.kind == NST_KIND_EXIT.rawValue {
      // Another task may have the tid by now, whose birth is not reported yet.
      let exit: nst_exit = records.load(at: position)
      return exit.task.start_ns == records.task(at: seen).start_ns
    }
    return last.time_ns > records.header(at: seen).time_ns || holds(records.set(at: position), id)
  }
}

// MARK: - Calls that no hook sees

extension HeldRecords {
  /// Whether the first act of a task that a walk saw in a namespace shows that it had come there by
  /// a call that no hook saw: a call of setns(2) that was under way is reported first.
  func cameUnseen(_ seen: Int, into id: NamespaceID, before act: Int) -> Bool {
    switch RecordKind(rawValue: records.header(at: act).kind) {
    case .switchNamespaces: !reportsEntrance(act, into: id, since: seen)
    case .exec, .task, .exit: true
    // A birth explains where the child is. A parent that had moved unseen is reported before it; one
    // that has none such has left again.
    case .fork, .clone, .cgroup, .cgroupIn, .attach, .freed, .host, .clock, .snapshotBegin,
      .snapshotEnd, .lost, .register, .member, .pinned, .users, .confined, .suppressed, .kept,
      .keptSession, .inside, .stain, .audit, .auditLost,
      nil:
      false
    }
  }

  private func reportsEntrance(_ position: Int, into id: NamespaceID, since seen: Int) -> Bool {
    let report: nst_switch = records.load(at: position)
    guard report.call.systemCall == .setns, report.call.result >= 0, holds(report.set, id) else {
      return false
    }
    guard report.call.flags == 0 else { return report.call.flags & id.kind.cloneFlag != 0 }
    // The call has entered one namespace, of a kind that is not known.
    let before = records.set(at: seen)
    return NamespaceSlot.allCases.allSatisfy { slot in
      slot.kind == id.kind || report.set[slot] == before[slot]
    }
  }
}

extension nst_call {
  /// Whether the call cannot have changed this slot of its task.
  fileprivate func leaves(_ slot: NamespaceSlot) -> Bool {
    if result < 0 { return true }
    let asks = flags & slot.kind.cloneFlag != 0
    if systemCall == .unshare { return !asks || slot != .movedByCall(slot.kind) }
    return flags != 0 && !asks
  }
}
