// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// R5: a child carries what its parent carries. The number in the child's first record shows it,
/// and each record about the child prints the parent's list.
struct InheritanceJudge: Judge {
  private var r5 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    if let birth = account.birth, birth.parentNumber != 0 {
      // A child may be born with the number of a registration whose record comes only afterwards.
      let isInherited =
        birth.childNumber == birth.parentNumber
        || (birth.childNumber != 0 && !account.isToldNumber)
      r5.expect(isInherited, at: evidence.serials) {
        "task \(birth.child) was born with number \(birth.childNumber), "
          + "and its parent has \(birth.parentNumber)"
      }
    }
    for (record, event) in evidence.namespaceRecords
    where record.isMembership && account.heirs.contains(record.opid) {
      r5.expect(account.allows(record.containers, of: record.opid), at: [event.serial]) {
        "task \(record.opid) inherited an ID, and is recorded with contid=\(record.containers.words)"
      }
    }
  }

  var verdicts: [Clause: Verdict] {
    [.r5: r5.verdict(orElse: "no task of a container had a child")]
  }
}
