// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// T2, T3, T6, T10 and T11: under the position's policy each request is granted or refused as the
/// position demands, and tasks carry what it demands.
struct PositionJudge: Judge {
  private let clause: Clause
  private var tally = Tally()

  init(_ clause: Clause) { self.clause = clause }

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing else { return }
    if let registration = account.registration,
      isOccasion(registration, isGranted: evidence.isGranted)
    {
      weigh(registration, evidence)
    }
    guard clause == .t3 || clause == .t10 else { return }
    for (record, event) in evidence.namespaceRecords where record.isMembership {
      guard account.carried[record.opid]?.contains(where: { $0.elements.count > 1 }) ?? false
      else { continue }
      tally.expect(account.allows(record.containers, of: record.opid), at: [event.serial]) {
        "task \(record.opid) is recorded with contid=\(record.containers.words)"
      }
    }
  }

  private mutating func weigh(_ registration: Account.Registering, _ evidence: Evidence) {
    let request = registration.request
    let isGranted = evidence.isGranted
    tally.expect(isGranted == registration.isGranted, at: evidence.serials) {
      "\(request.id) for task \(request.target_tid) was " + (isGranted ? "granted" : "refused")
    }
    guard isGranted, let event = evidence.events.first(where: { $0.info != nil }) else { return }
    tally.expect(event.info?.containers == registration.targetAfter, at: [event.serial]) {
      "task \(request.target_tid) carries \(event.info?.containers.words ?? "nothing"), "
        + "and not \(registration.targetAfter.words)"
    }
  }

  /// Whether the request shows more than the RFC's own rules. It does if the position grants it or has a
  /// rule for it, if
  /// the position's only objection is the only one at all, or if it was granted against the
  /// position.
  private func isOccasion(
    _ registration: Account.Registering, isGranted: Bool
  ) -> Bool {
    let objections = registration.objections
    // T6 has a rule of its own for these.
    let isSpecial = clause == .t6 && registration.request.isForItself
    guard objections.isEmpty || objections.contains(where: \.isOfPosition) || isSpecial else {
      return false
    }
    guard objections.count <= 1 || isGranted else { return false }
    return switch clause.position {
    case .nested: !registration.target.isUnset || !registration.caller.isUnset
    case .randomOnly, .xid: true
    case .writeOnce:
      !registration.target.isUnset || objections.contains(.used) || objections.contains(.stained)
    case .rfc, .automatic, .tags, .lifecycle, .cgroups: !registration.target.isUnset
    }
  }

  var verdicts: [Clause: Verdict] { [clause: tally.verdict(orElse: reason)] }

  private var reason: String {
    switch clause.position {
    case .nested: "no orchestrator in a container, and no target in one"
    case .randomOnly, .xid: RequestJudge.noRequest
    case .rfc, .writeOnce, .automatic, .tags, .lifecycle, .cgroups:
      "no registration was asked for a task that had an ID"
    }
  }
}
