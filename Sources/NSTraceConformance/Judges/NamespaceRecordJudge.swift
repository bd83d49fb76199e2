// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// R7, R9 and R10: each creation, end and change of a namespace has its record at its position in the
/// stream, with the identities before and after. No record is printed without a reason. A refused
/// call is recorded with res=0.
struct NamespaceRecordJudge: Judge {
  private var tallies = [Tally](repeating: Tally(), count: NamespaceRecord.Verb.allCases.count)

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    for verb in NamespaceRecord.Verb.allCases {
      weigh(
        evidence.namespaceRecords.filter { $0.record.verb == verb && $0.record.isMembership },
        against: account.namespaces.filter { $0.verb == verb && $0.isMembership },
        account, evidence, &tallies[Int(verb.rawValue)])
    }
  }

  private func weigh(
    _ printed: [(record: NamespaceRecord, event: PrintedEvent)], against due: [NamespaceRecord],
    _ account: Account, _ evidence: Evidence, _ tally: inout Tally
  ) {
    var matches = Matches(
      printed.map { record, event in
        event.devices.isSubset(of: [account.nsfsDev]) ? Self.judged(record) : nil
      })
    for record in due {
      let match = matches.take(Self.judged(record))
      tally.expect(match != nil, at: evidence.serials) { "\(record.words) is missing or not so" }
    }
    for (record, event) in matches.rest.map({ printed[$0] }) {
      tally.expect(false, at: [event.serial], "\(record.words): nothing in the stream says so")
    }
  }

  /// The clause's own demand: a creation is recorded with its creator's container ID.
  private static func judged(_ record: NamespaceRecord) -> NamespaceRecord {
    var record = record
    record.namespaceContainers = ContainerList()
    record.session = nil
    record.setHash = nil
    if record.verb != .create { record.containers = ContainerList() }
    return record
  }

  var verdicts: [Clause: Verdict] {
    [
      .r7: tallies[0].verdict(orElse: "no namespace was made"),
      .r10: tallies[1].verdict(orElse: "no task moved to a namespace that was in use"),
      .r9: tallies[2].verdict(orElse: "no namespace went out of use"),
    ]
  }
}
