// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// R6: a target with threads or children is refused. If the request asks for descendants, all are
/// moved in one step, with a record for each task.
struct DescendantsJudge: Judge {
  private var r6 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing, let registration = account.registration, registration.hasOthers
    else { return }
    let target = registration.request.target_tid
    let granted = evidence.sets.filter(\.granted)
    guard registration.isGranted else {
      return r6.expectRefusal(
        of: registration, only: .family, isGranted: !granted.isEmpty, at: evidence.serials,
        "task \(target) was registered though it has threads or children")
    }
    r6.expect(
      granted.map(\.opid).sorted() == registration.records.map(\.opid).sorted(),
      at: evidence.serials,
      "the threads and descendants of task \(target) were not all moved, each with a record")
  }

  var verdicts: [Clause: Verdict] {
    [
      .r6: r6.verdict(
        orElse: "no target of a registration that is else right had threads or children")
    ]
  }
}
