// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// T14: a task's ID changes by CONTAINER_OP only, which prints the ID before.
struct ChangeOfIDJudge: Judge {
  private var t14 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing else { return }
    let printed = evidence.containerRecords.filter { $0.record.verb == .set }
    var matches = Matches(printed.map(\.record.withoutErrno))
    for record in account.registration?.records ?? [] {
      let match = matches.take(record.withoutErrno)
      t14.expect(match != nil, at: evidence.serials) {
        "CONTAINER_OP of task \(record.opid) with old-contid=\(record.old.words) "
          + "is missing or not so"
      }
    }
    for (record, event) in matches.rest.map({ printed[$0] }) {
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
  fileprivate var withoutErrno: ContainerRecord {
    var record = self
    if !granted { record.refusal = .failed }
    return record
  }
}
