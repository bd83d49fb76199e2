// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// T14: a task's ID changes by CONTAINER_OP only, which prints the ID before.
struct ChangeOfIDJudge: Judge {
  private var t14 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing else { return }
    var rest = evidence.containerRecords.filter { $0.record.verb == .set }
    for record in account.registration?.records ?? [] {
      let match = rest.firstIndex { $0.record.isSame(as: record) }
      if let match { rest.remove(at: match) }
      t14.expect(match != nil, at: evidence.serials) {
        "CONTAINER_OP of task \(record.opid) with old-contid=\(record.old.words) "
          + "is missing or not so"
      }
    }
    for (record, event) in rest {
      t14.expect(false, at: [event.serial]) {
        "CONTAINER_OP of task \(record.opid) with old-contid=\(record.old.words): "
          + "nothing in the stream says so"
      }
    }
  }

  var verdicts: [Clause: Verdict] { [.t14: t14.verdict(orElse: RequestJudge.noRequest)] }
}

extension ContainerRecord {
  /// The errno of a refusal is judged by R3.
  fileprivate func isSame(as other: ContainerRecord) -> Bool {
    var record = self
    if granted == other.granted { record.refusal = other.refusal }
    return record == other
  }
}
