// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// T8: with `--virt` each container's beginning is told by VIRT_MACHINE_ID, a VIRT_RESOURCE for each
/// namespace of its own and VIRT_CONTROL, its end by VIRT_CONTROL alone, and a refusal as a start
/// that failed.
struct LifecycleJudge: Judge {
  private var tally = Tally()
  private var initial: [NamespaceID] = []

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    if case .host(let host) = evidence.raw {
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
    for end in account.ends {
      let isTold = said.contains {
        $0.step == .stop && end.old.contains($0.id) && $0.name == end.name
      }
      tally.expect(isTold, at: evidence.serials) {
        "the end of container \(end.old.words) is not told as a machine's"
      }
    }
  }

  private func due(for registration: Account.Registering) -> [LifecycleRecord] {
    func record(_ step: LifecycleRecord.Step) -> LifecycleRecord {
      LifecycleRecord(
        step: step, id: registration.request.id, name: registration.name,
        pid: registration.request.target_tid, granted: registration.isGranted)
    }
    guard registration.isGranted else { return [record(.start)] }
    guard registration.isUnused, let place = registration.place else { return [] }
    let own = NamespaceSlot.allCases.filter(\.isMembership).map { place[$0.rawValue] }
    return [record(.machineID)]
      + own.filter { !initial.contains($0) }.map { record(.resource($0)) } + [record(.start)]
  }

  var verdicts: [Clause: Verdict] {
    [.t8: tally.verdict(orElse: "no container began, was refused or ended")]
  }
}
