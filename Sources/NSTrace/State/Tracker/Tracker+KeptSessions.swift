// SPDX-License-Identifier: Apache-2.0

package import CNSWire

// MARK: - Sessions that began before the stream did

/// Container sessions of earlier tracers (docs/identity.md). Those whose tasks the first snapshot has
/// go on, and are recorded once; the others ended while no tracer ran.
extension Tracker where Sink: ~Copyable {
  package mutating func keptSession(_ event: nst_kept_session, exe: RawSpan) {
    if isWriting { return }
    state.sessions.skip(through: event.session)
    // T5: only the set of namespaces decides the ID, and an earlier tracer's may be another.
    guard !policy.labelsSets, let session = SessionTable.Session(event, exe: exe) else { return }
    keptSessions.keep(session, as: event.session)
  }

  package mutating func inside(_ event: nst_inside) {
    if !isWriting { keptSessions.note(event) }
  }

  /// Gives the tasks that the first snapshot has found their sessions, and ends those without tasks.
  mutating func resumeSessions(at time: UInt64) {
    let kept = keptSessions
    if kept.isEmpty { return }
    keptSessions = KeptSessions()
    let visits = state.visits(from: kept)
    var resumed: Set<SessionTable.Number> = []
    for task in state.tasks.sorted {
      if let visit = visits[task.tid] { resume(task, visit, kept, &resumed, at: time) }
    }
    for (number, session) in kept.sorted where !resumed.contains(number) {
      endUnseen(number, session, at: time)
    }
  }

  private mutating func resume(
    _ task: TaskTable.Entry, _ visit: KeptSessions.Visit, _ kept: KeptSessions,
    _ resumed: inout Set<SessionTable.Number>, at time: UInt64
  ) {
    guard let index = state.tasks.find(task.tid), let slots = slotsOf(task.set),
      var session = kept[visit.session]
    else { return }
    let own = cgroupContainer(slots)
    let isStranger = own.map { session.containers.contains($0) } ?? false
    if session.settingUp != nil { session.settingUp = isStranger ? nil : own }
    var draft = begin(at: time, subject: lastKnownSubject(of: task))
    setProgram(of: index, &draft)
    if resumed.insert(visit.session).inserted {
      state.resumeSession(&session, as: visit.session)
      draft.event.add(
        SessionRecord(
          verb: .resume, session, of: visit.session, session.way, opid: session.opid,
          since: wallClock(session.beganNs)))
    }
    setSession(of: index, visit.session, visit.slots, isStranger: isStranger, &draft)
    draft.event.actorSession = visit.session
    finish(draft, about: task.tid)
  }

  private mutating func endUnseen(
    _ number: SessionTable.Number, _ session: SessionTable.Session, at time: UInt64
  ) {
    var draft = begin(at: time)
    var session = session
    session.names = session.containers.elements.map { state.name(of: $0.id) ?? [] }
    draft.event.add(
      SessionRecord(
        verb: .end, session, of: number, SessionRecord.Way(.late), opid: session.opid,
        since: wallClock(session.beganNs), wayIn: session.way))
    finish(draft)
  }
}
