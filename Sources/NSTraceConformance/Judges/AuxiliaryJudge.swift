// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// R4: the event names each container ID that takes part, and no other. Those are the IDs in its
/// records and the acting task's. A record prints the list that its task carries.
struct AuxiliaryJudge: Judge {
  private var r4 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    let carried = evidence.events.isEmpty ? [] : Set(account.carried.values.joined())
    for (index, event) in evidence.events.enumerated() where !event.isLoss {
      // The actor is that of the last event. An event before it may be about another task, found
      // gone.
      let isLast = index == evidence.events.count - 1
      let parts = Self.parts(of: event) + (isLast ? [account.actor].compactMap { $0 } : [])
      let named = Set(event.mentions.map(\.containers))
      let known = Set(parts)
      for list in parts where !list.isUnset {
        r4.expect(named.contains(list), at: [event.serial]) {
          "\(list.words) takes part, and no CONTAINER_ID says so"
        }
      }
      // T4 judges what sessions are inside.
      for mention in event.mentions where mention.session == nil {
        let list = mention.containers
        if known.contains(list) { continue }
        r4.expect(carried.contains(list), at: [event.serial]) {
          "\(list.words) takes no part, and a CONTAINER_ID says so"
        }
      }
      weighTasks(event, account)
    }
  }

  private mutating func weighTasks(_ event: PrintedEvent, _ account: Account) {
    for record in event.namespaces where record.isMembership {
      let isAllowed = account.allows(record.containers, of: record.opid)
      if record.containers.isUnset && isAllowed { continue }
      r4.expect(isAllowed, at: [event.serial]) {
        "\(record.words) says contid=\(record.containers.words), which the task does not carry"
      }
    }
  }

  private static func parts(of event: PrintedEvent) -> [ContainerList] {
    event.namespaces.flatMap { [$0.containers, $0.namespaceContainers] }
      + event.containers.map(\.old)
      + event.containers.filter { $0.verb == .set && $0.granted && $0.id != .unset }.map {
        ContainerList([.init($0.id)])
      }
  }

  var verdicts: [Clause: Verdict] {
    [.r4: r4.verdict(orElse: "no container ID takes part in any event")]
  }
}
