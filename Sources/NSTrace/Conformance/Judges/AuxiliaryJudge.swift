// SPDX-License-Identifier: Apache-2.0

/// R4: the event names each container ID that takes part: those in its records, and that of who
/// did it.
struct AuxiliaryJudge: Judge {
  private var r4 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    for (index, event) in evidence.events.enumerated() where event.lost == nil {
      // The actor is that of the last event; before it, somebody else may have been found gone.
      let isLast = index == evidence.events.count - 1
      let parts = Self.parts(of: event) + (isLast ? [account.actor].compactMap { $0 } : [])
      let named = event.containerLists
      for list in parts where !list.isUnset {
        r4.expect(named.contains(list), at: [event.serial]) {
          "\(list.words) takes part, and no CONTAINER_ID says so"
        }
      }
    }
  }

  private static func parts(of event: AuditEvent) -> [ContainerList] {
    event.namespaces.flatMap { [$0.containers, $0.namespaceContainers] }
      + event.containers.map(\.old)
      + event.containers.filter { $0.verb == .set && $0.granted }.map {
        ContainerList([.init($0.id)])
      }
  }

  var verdicts: [Clause: Verdict] {
    [.r4: r4.verdict(orElse: "no container ID takes part in any event")]
  }
}
