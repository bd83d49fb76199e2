// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// R2: nothing is registered without the capability, and no process changes its own ID. T7: the
/// request holds the kernel's own check of the capability.
struct CapabilityJudge: Judge {
  private var r2 = Tally()
  private var t7 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard let registration = account.registration else { return }
    let (isGranted, caller) = (evidence.isGranted, registration.request.caller_tid)
    r2.expectRefusal(
      of: registration, only: .incapable, isGranted: isGranted, at: evidence.serials,
      "task \(caller) registered a container without the capability")
    r2.expectRefusal(
      of: registration, only: .itself, isGranted: isGranted, at: evidence.serials,
      "task \(caller) changed its own container ID")
    t7.expectRefusal(
      of: registration, only: .incapable, isGranted: isGranted, at: evidence.serials,
      "task \(caller) was granted what needs CAP_AUDIT_CONTROL")
  }

  var verdicts: [Clause: Verdict] {
    [
      .r2: r2.verdict(
        orElse: "nobody asked without the capability, or for themselves, and for nothing else wrong"
      ),
      .t7: t7.verdict(orElse: "nobody asked without the capability, and for nothing else wrong"),
    ]
  }
}
