// SPDX-License-Identifier: Apache-2.0

/// The container sessions that have tasks, and the processes that are in them.
package struct SessionsInUse: Sendable {
  /// What a process is inside.
  package struct Visit: Equatable, Sendable {
    package var session: UInt32
    /// The slots by which it is inside: `1 << enum nst_slot`.
    package var slots: UInt32
  }

  /// By number.
  package var sessions: [KeptSession] = []
  /// By tgid.
  package var visits: [UInt32: Visit] = [:]
  /// The tgids of the other processes whose namespaces are known.
  package var outside: [UInt32] = []
  /// `NamespaceState.sessionChanges`.
  package var changes: UInt64

  fileprivate mutating func noteOutside(_ task: TaskTable.Entry) {
    if task.tid == task.tgid, task.set != .unknown { outside.append(task.tgid) }
  }
}

extension NamespaceState {
  /// The highest number that was given to a session; 0: none.
  package var lastSession: UInt32 { sessions.last }

  package var hasSessions: Bool { !sessions.isEmpty }

  /// Raised by each change of what `sessionsInUse` has, except by births and ends of processes in a set
  /// of namespaces that others share.
  package var sessionChanges: UInt64 { sessions.changes }

  /// In time proportional to the number of tasks. Of a process whose threads are in several sessions
  /// it has that of the leader.
  package var sessionsInUse: SessionsInUse {
    var inUse = SessionsInUse(changes: sessions.changes)
    inUse.sessions = sessions.sorted.map {
      KeptSession($0.session.record(of: $0.number), exe: $0.session.exe)
    }
    tasks.forEach { task in
      guard let visit = visit(of: task) else { return inUse.noteOutside(task) }
      if task.tid == task.tgid || inUse.visits[task.tgid] == nil {
        inUse.visits[task.tgid] = visit
      }
    }
    inUse.outside.removeAll { inUse.visits[$0] != nil }
    return inUse
  }

  private func visit(of task: TaskTable.Entry) -> SessionsInUse.Visit? {
    guard task.set != .unknown else { return nil }
    let slots = sets[task.set]
    let session = slots[SetTable.sessionLane]
    return session == 0 ? nil : SessionsInUse.Visit(session: session, slots: slots.inside.lane)
  }
}
