// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// T2, the namespaces: one keeps the IDs of all that have used it, while it lives. `ns-contid=` of a
/// task that comes into it has them, also those of containers that have ended; none is released.
struct StainJudge: Judge {
  private var tally = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing else { return }
    weighLists(evidence, account)
    weighAssignments(evidence, account)
  }

  private struct Key: Hashable {
    var verb: NamespaceRecord.Verb
    var namespace: NamespaceID?
    var opid: UInt32
  }

  private static func key(_ record: NamespaceRecord) -> Key {
    Key(verb: record.verb, namespace: record.namespace, opid: record.opid)
  }

  private mutating func weighLists(_ evidence: Evidence, _ account: Account) {
    let due = account.namespaces.filter(Self.hasList)
    var matches = Matches(due.map(Self.key))
    for (record, event) in evidence.namespaceRecords where Self.hasList(record) {
      guard let match = matches.take(Self.key(record)) else { continue }
      let (said, list) = (record.namespaceContainers, due[match].namespaceContainers)
      if said.isUnset && list.isUnset { continue }
      tally.expect(Self.ids(said) == Self.ids(list), at: [event.serial]) {
        "\(record.words) says ns-contid=\(said.words), and the namespace is stained with "
          + list.words
      }
    }
  }

  private mutating func weighAssignments(_ evidence: Evidence, _ account: Account) {
    var matches = Matches(account.namespaces.filter { !$0.isMembership }.map(Self.assignment))
    for (record, event) in evidence.namespaceRecords where !record.isMembership {
      let isDue = matches.take(Self.assignment(record)) != nil
      tally.expectNone(isDue ? 0 : 1, at: [event.serial]) {
        "op=\(record.op.name) of \(record.containers.words), \(record.words): a stain comes once "
          + "and never goes"
      }
    }
    tally.expectNone(matches.rest.count, at: evidence.serials) {
      "a namespace was stained, and no op=assign says so"
    }
  }

  private struct Assignment: Hashable {
    var op: NSTrace.Operation
    var namespace: NamespaceID?
    var container: ContainerID?
  }

  private static func assignment(_ record: NamespaceRecord) -> Assignment {
    Assignment(
      op: record.op, namespace: record.namespace, container: record.containers.elements.first?.id)
  }

  private static func hasList(_ record: NamespaceRecord) -> Bool {
    record.verb != .destroy && record.isMembership && record.granted
  }

  private static func ids(_ list: ContainerList) -> Set<ContainerID> {
    Set(list.elements.map(\.id))
  }

  var verdicts: [Clause: Verdict] {
    [.t2: tally.verdict(orElse: "no task came into a namespace that a container has used")]
  }
}
