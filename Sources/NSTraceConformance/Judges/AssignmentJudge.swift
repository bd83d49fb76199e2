// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// R12: a namespace never goes from one container straight to another. op=assign and op=release
/// record the IDs that join and leave its list, unless it is the host's.
struct AssignmentJudge: Judge {
  private var r12 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing else { return }
    for namespace in account.movedNamespaces {
      r12.expect(false, at: evidence.serials) {
        "\(namespace.kind.name) \(namespace.inum) went from one container to another"
      }
    }
    let printed = evidence.namespaceRecords.filter { !$0.record.isMembership }
    var matches = Matches(printed.map { Self.judged($0.record) })
    for record in account.namespaces where !record.isMembership {
      let match = matches.take(Self.judged(record))
      r12.expect(match != nil, at: evidence.serials) {
        "op=\(record.op.name) of \(record.containers.words), \(record.words), is missing or not so"
      }
    }
    for (record, event) in matches.rest.map({ printed[$0] }) {
      r12.expect(false, at: [event.serial]) {
        "op=\(record.op.name) of \(record.containers.words): nothing in the stream says so"
      }
    }
  }

  /// The order in which IDs came to a namespace is not judged.
  private static func judged(_ record: NamespaceRecord) -> NamespaceRecord {
    var record = record
    record.namespaceContainers.elements.sort { $0.id < $1.id }
    return record
  }

  var verdicts: [Clause: Verdict] {
    [.r12: r12.verdict(orElse: "no container ID joined or left a namespace in use")]
  }
}
