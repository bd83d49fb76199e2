// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// T4: a task that enters a container from outside gets a session of its own, which its children
/// inherit, and no tracer gives its number again. CONTAINER_SESSION says who came in and how, and once
/// that the last task of the session has gone. Every record in between has the session, and its event a CONTAINER_ID with the session and
/// the containers that it is inside. A task in a container is in session 0, and all others in none.
struct SessionJudge: Judge {
  private var tally = Tally()
  /// The sessions that have begun, by the reading's number. Those that ended are there until the next
  /// record, because its events name them.
  private var sessions: [Int: Session] = [:]
  private var ended: [Int] = []
  /// What each is inside, by the number that is printed.
  private var visits: [UInt32: ContainerVisit] = [:]
  private var given: Set<UInt32> = []
  /// The highest number that an earlier tracer gave.
  private var lastKept: UInt32 = 0

  /// A session as its begin was printed.
  struct Session {
    var visit: ContainerVisit
    var entrant: PrintedSession.Entrant?
  }

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    lastKept = account.lastKept
    let printed = evidence.events.flatMap { event in event.sessions.map { ($0, event.serial) } }
    if printed.count != account.passages.count {
      tally.expect(false, at: evidence.serials) {
        "\(account.passages.count) sessions begin or end, and \(printed.count) are printed"
      }
    }
    for (passage, (record, serial)) in zip(account.passages, printed) {
      weigh(record, at: serial, against: passage, evidence.raw.subject)
    }
    for (index, event) in evidence.events.enumerated() where !event.isLoss {
      weighTasks(of: event, account)
      weighMentions(of: event, index == evidence.events.count - 1 ? account.actorSession : nil)
    }
    forgetEnded()
  }

  private mutating func forgetEnded() {
    for session in ended {
      if let number = sessions.removeValue(forKey: session)?.visit.session { visits[number] = nil }
    }
    ended = []
  }

  // MARK: The records of the sessions

  private mutating func weigh(
    _ record: PrintedSession, at serial: UInt64, against passage: Account.Passage,
    _ subject: nst_subject?
  ) {
    let ids = record.visit.containers.elements.map(\.id)
    let isAsDue =
      record.verb == passage.verb && ids == passage.containers && record.how == passage.how
      && record.isLate == passage.isLate && record.opid == passage.tid
    tally.expect(isAsDue, at: [serial]) {
      "op=\(record.verb) of task \(record.opid) by \(record.how) inside "
        + "\(record.visit.containers.words), and not op=\(passage.verb) of task \(passage.tid) by "
        + "\(passage.how) inside \(passage.containers.map { "\($0)" }.joined(separator: ","))"
    }
    if let number = passage.number {
      return weighKept(record, at: serial, passage, number)
    }
    switch passage.verb {
    case .begin, .resume: weighBegin(record, at: serial, passage.session, subject)
    case .end: weighEnd(record, at: serial, passage.session)
    }
  }

  /// One that began before the stream did goes on under its number, or has ended.
  private mutating func weighKept(
    _ record: PrintedSession, at serial: UInt64, _ passage: Account.Passage, _ number: UInt32
  ) {
    tally.expect(
      record.visit.session == number && given.insert(number).inserted, at: [serial]
    ) {
      "session \(record.visit.session) was \(number) before"
    }
    sessions[passage.session] = Session(visit: record.visit, entrant: record.entrant)
    visits[record.visit.session] = record.visit
    if passage.verb == .end { ended.append(passage.session) }
  }

  private mutating func weighBegin(
    _ record: PrintedSession, at serial: UInt64, _ session: Int, _ subject: nst_subject?
  ) {
    let number = record.visit.session
    let isNew = number > lastKept && given.insert(number).inserted
    tally.expect(isNew, at: [serial]) {
      "session \(number) is no new one; earlier tracers gave numbers up to \(lastKept)"
    }
    sessions[session] = Session(visit: record.visit, entrant: record.entrant)
    visits[number] = record.visit
    guard let subject else { return }
    tally.expect(record.entrant?.isLike(subject) == true, at: [serial]) {
      "session \(number) is of another user, login or task than the one that came in"
    }
  }

  private mutating func weighEnd(_ record: PrintedSession, at serial: UInt64, _ session: Int) {
    let began = sessions[session]
    ended.append(session)
    tally.expect(record.visit == began?.visit && record.entrant == began?.entrant, at: [serial]) {
      "session \(record.visit.session) did not begin so"
    }
  }

  // MARK: The records of the tasks

  private mutating func weighTasks(of event: PrintedEvent, _ account: Account) {
    for record in event.namespaces where record.isMembership {
      guard let due = account.sessions[record.opid] else { continue }
      let numbers = due.map { $0 == 0 ? 0 : sessions[$0]?.visit.session ?? .max }
      let said = record.session ?? 0
      if numbers == [0], record.session == nil, record.containers.isUnset { continue }
      let isSaid = (record.session == nil) == (said == 0 && record.containers.isUnset)
      tally.expect(isSaid && numbers.contains(said), at: [event.serial]) {
        "\(record.words) has cses=\(record.session.map { "\($0)" } ?? "none"), not \(numbers)"
      }
    }
  }

  /// Each session of the event, and its actor's, is named with its containers, and no other is.
  /// - Parameter actor: nil: not known.
  private mutating func weighMentions(of event: PrintedEvent, _ actor: Int?) {
    let named = event.namespaces.compactMap(\.session) + event.sessions.map(\.visit.session)
    let actors = actor.flatMap { sessions[$0]?.visit.session }.map { [$0] } ?? []
    let due = Set(named + actors).subtracting([0])
    let said = event.mentions.compactMap { mention in
      mention.session.map { ContainerVisit(session: $0, containers: mention.containers) }
    }
    for number in due.sorted() {
      tally.expect(visits[number].map(said.contains) ?? false, at: [event.serial]) {
        "session \(number) takes part, and no CONTAINER_ID says what it is inside"
      }
    }
    guard actor != nil else { return }
    for visit in said where !due.contains(visit.session) {
      tally.expect(false, at: [event.serial], "session \(visit.session) takes no part")
    }
  }

  var verdicts: [Clause: Verdict] {
    [.t4: tally.verdict(orElse: "no task in a container, and none that entered one")]
  }
}

extension PrintedSession.Entrant {
  /// Whether it is that task, as audit lines and JSON print it.
  fileprivate func isLike(_ subject: nst_subject) -> Bool {
    let name = unsafe withUnsafeBytes(of: subject.comm) { unsafe Array($0.prefix { $0 != 0 }) }
    let isNamed = comm == name || comm == Array(String(decoding: name, as: UTF8.self).utf8)
    return pid == UInt64(subject.task.tgid) && uid == UInt64(subject.uid)
      && auid == UInt64(subject.auid) && ses == UInt64(subject.ses) && isNamed
  }
}
