// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// R11: CONTAINER_OP op=drop comes when the last process of a container has exited, and only then.
struct ContainerEndJudge: Judge {
  private var r11 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing else { return }
    let printed = evidence.containerRecords.filter { $0.record.verb == .drop }
    var matches = Matches(printed.map(\.record))
    for record in account.ends {
      let match = matches.take(record)
      r11.expect(match != nil, at: evidence.serials) {
        "the end of \(record.old.words) by task \(record.opid) is not recorded"
      }
    }
    for (record, event) in matches.rest.map({ printed[$0] }) {
      r11.expect(false, at: [event.serial], "\(record.old.words) is dropped, and has not ended")
    }
  }

  var verdicts: [Clause: Verdict] { [.r11: r11.verdict(orElse: "no container ended")] }
}
