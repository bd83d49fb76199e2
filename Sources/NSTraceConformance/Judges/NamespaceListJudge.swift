// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// R8: `ns-contid=` is the namespace's list, kept from the tasks that use it. T12: the list is also
/// recorded when a task without an ID enters.
struct NamespaceListJudge: Judge {
  private var r8 = Tally()
  private var t12 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    let due = account.namespaces.filter(Self.isMove)
    var matches = Matches(due.map(Self.key))
    for (record, event) in evidence.namespaceRecords where Self.isMove(record) {
      guard let match = matches.take(Self.key(record)) else { continue }
      weigh(record, event, due[match])
    }
  }

  private struct Key: Hashable {
    var namespace: NamespaceID?
    var old: NamespaceID?
    var kind: NamespaceKind?
    var opid: UInt32
  }

  private static func key(_ record: NamespaceRecord) -> Key {
    Key(namespace: record.namespace, old: record.old, kind: record.kind, opid: record.opid)
  }

  private mutating func weigh(
    _ record: NamespaceRecord, _ event: PrintedEvent, _ due: NamespaceRecord
  ) {
    let (said, list) = (Self.ids(record.namespaceContainers), Self.ids(due.namespaceContainers))
    guard !list.isEmpty || !said.isEmpty else { return }
    r8.expect(said == list, at: [event.serial]) {
      "\(record.words) says ns-contid=\(record.namespaceContainers.words), "
        + "and the list is \(due.namespaceContainers.words)"
    }
    guard record.op == .setns, due.containers.isUnset, !list.isEmpty else { return }
    t12.expect(record.containers.isUnset && said == list, at: [event.serial]) {
      "task \(record.opid) of the host entered \(due.namespaceContainers.words), recorded as "
        + "contid=\(record.containers.words) ns-contid=\(record.namespaceContainers.words)"
    }
  }

  private static func isMove(_ record: NamespaceRecord) -> Bool {
    record.verb == .change && record.isMembership && record.granted
  }

  private static func ids(_ list: ContainerList) -> Set<ContainerID> {
    Set(list.elements.map(\.id))
  }

  var verdicts: [Clause: Verdict] {
    [
      .r8: r8.verdict(orElse: "no task moved to a namespace that a container uses"),
      .t12: t12.verdict(orElse: "nobody entered a container's namespace from the host"),
    ]
  }
}
