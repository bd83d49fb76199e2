// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// T8, with `--virt`: VIRT_MACHINE_ID, a VIRT_RESOURCE for each namespace of its own, and
/// VIRT_CONTROL record a container's beginning. VIRT_CONTROL alone records its end. A refusal is
/// recorded as a start that failed.
struct LifecycleJudge: Judge {
  private var tally = Tally()
  private var initial: [NamespaceID] = []

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    if case .host(let host, _, _, _) = evidence.raw {
      initial = NamespaceSlot.allCases.map { host.initial[$0] }
    }
    guard account.isFollowing else { return }
    let said = evidence.events.compactMap(\.lifecycle)
    if let registration = account.registration {
      let due = due(for: registration)
      tally.expect(Array(said.prefix(due.count)) == due, at: evidence.serials) {
        "registering task \(registration.request.target_tid) is not told as a machine's start"
      }
    }
    let told = account.ends.isEmpty ? [] : Set(said)
    for end in account.ends {
      let due = end.old.elements.first.map { PrintedEvent.Lifecycle(stop: $0.id, name: end.name) }
      tally.expect(due.map(told.contains) ?? false, at: evidence.serials) {
        "the end of container \(end.old.words) is not told as a machine's"
      }
    }
  }

  private func due(for registration: Account.Registering) -> [PrintedEvent.Lifecycle] {
    let id = registration.request.id
    var start = PrintedEvent.Lifecycle(
      type: .virtControl, op: "start", resource: nil, machine: Self.machine(id, registration.name),
      id: id, pid: UInt64(registration.request.target_tid), granted: registration.isGranted)
    guard registration.isGranted else { return [start] }
    // If only children of the target go on in the container, it begins with one of them.
    guard registration.isUnused,
      registration.records.contains(where: { $0.opid == registration.request.target_tid })
    else { return [] }
    let own = registration.place.map { place in
      NamespaceSlot.memberships.map { place[$0.rawValue] }.filter { !initial.contains($0) }
    }
    let last = start
    (start.op, start.pid) = (nil, nil)
    start.type = .virtMachineID
    return [start] + (own ?? []).map { start.having($0) } + [last]
  }

  fileprivate static func machine(_ id: ContainerID, _ name: [UInt8]) -> [UInt8] {
    name.isEmpty ? Array("\(id)".utf8) : name
  }

  var verdicts: [Clause: Verdict] {
    [.t8: tally.verdict(orElse: "no container began, was refused or ended")]
  }
}

extension PrintedEvent.Lifecycle {
  fileprivate init(stop id: ContainerID, name: [UInt8]) {
    self.init(
      type: .virtControl, op: "stop", resource: nil, machine: LifecycleJudge.machine(id, name),
      id: id,
      pid: nil, granted: true)
  }

  fileprivate func having(_ namespace: NamespaceID) -> Self {
    var record = self
    record.type = .virtResource
    record.resource = "\(namespace.kind.name) \(namespace.inum)"
    return record
  }
}
