// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// T4: `cses=` is 0 in a container. A task that enters a container from outside gets a number of
/// its own, which its children inherit. All other tasks have none.
///
/// Judges only tasks that existed when the records began, or whose birth is in the stream. The past
/// of other tasks is not known.
struct SessionJudge: Judge {
  private var tally = Tally()
  /// Session numbers by tid, of the tasks that are followed; 0: none.
  private var sessions: [UInt32: UInt32] = [:]
  private var given: Set<UInt32> = []
  private var initial: Set<NamespaceID> = []

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    prepare(evidence.raw, account)
    for event in evidence.events { weigh(event, account) }
    if case .exit(let exit, _) = evidence.raw { sessions[exit.task.tid] = nil }
  }

  private mutating func prepare(_ raw: RawRecord, _ account: Account) {
    switch raw {
    case .host(let host, _, _, _): initial = Set(NamespaceSlot.allCases.map { host.initial[$0] })
    case .fork(let fork): sessions[fork.child.tid] = sessions[fork.parent_tid]
    case .clone(let clone, _): sessions[clone.child.tid] = sessions[clone.subject.task.tid]
    case .exec(let exec, _, _):
      if exec.old_tid == exec.subject.task.tid { break }
      sessions[exec.subject.task.tid] = sessions.removeValue(forKey: exec.old_tid)
    case .task(let task, _):
      if task.isOfCensus { break }
      // A task that is found late may have entered a namespace unseen.
      sessions[task.subject.task.tid] = account.isFollowing ? nil : 0
    case .lost: sessions.removeAll()
    // Of a share's suppressed records none is a birth or an end: the tasks' next records show where
    // they are.
    case .exit, .switchNamespaces, .cgroup, .cgroupIn, .attach, .freed, .pinned, .users, .confined,
      .clock, .snapshotBegin, .snapshotEnd, .suppressed, .member, .register, .kept, .unknown:
      break
    }
  }

  private mutating func weigh(_ event: PrintedEvent, _ account: Account) {
    for record in event.containers where record.verb == .set && record.granted {
      let isGone =
        account.registration?.isTargetGone == true
        && record.opid == account.registration?.request.target_tid
      if !isGone && sessions[record.opid] != nil { sessions[record.opid] = 0 }
    }
    let records = event.namespaces.filter { $0.isMembership && $0.verb != .destroy }
    let entrants = Set(records.filter { enters($0) }.map(\.opid))
    for record in records {
      guard let session = sessions[record.opid] else { continue }
      if record.granted && enters(record), !sameSession(record.session, session) {
        let isNew = record.session.map { $0 != 0 && given.insert($0).inserted } ?? false
        tally.expect(isNew, at: [event.serial]) {
          "task \(record.opid) came into a container with no session of its own"
        }
        sessions[record.opid] = record.session
      } else if !entrants.contains(record.opid) {
        let due = session != 0 ? session : record.containers.isUnset ? nil : 0
        if due == nil && record.session == nil { continue }
        tally.expect(record.session == due, at: [event.serial]) {
          "task \(record.opid) has cses=\(record.session.map { "\($0)" } ?? "none")"
        }
      }
    }
  }

  private func sameSession(_ said: UInt32?, _ session: UInt32) -> Bool {
    session != 0 && said == session
  }

  /// Whether none of the containers that use the namespace is the task's own.
  private func enters(_ record: NamespaceRecord) -> Bool {
    guard let namespace = record.namespace, !initial.contains(namespace) else { return false }
    let users = record.namespaceContainers
    return !users.isUnset && !users.elements.contains { record.containers.contains($0.id) }
  }

  var verdicts: [Clause: Verdict] {
    [.t4: tally.verdict(orElse: "no task in a container, and none that entered one")]
  }
}
