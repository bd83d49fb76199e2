// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// R2: without the capability nothing is registered, and nobody changes their own ID; T7: which
/// capability, and where, is the kernel's word in the request.
struct CapabilityJudge: Judge {
  private var r2 = Tally()
  private var t7 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard let registration = account.registration else { return }
    let request = registration.request
    let granted = evidence.containerRecords.map(\.record).filter {
      $0.verb == .set && $0.granted
    }
    let isCapable = request.has(NST_REGISTER_CAPABLE)
    r2.expect(
      isCapable || granted.isEmpty, at: evidence.serials,
      "task \(request.caller_tid) registered a container without the capability")
    r2.expect(
      !granted.contains { $0.opid == request.caller_tid }, at: evidence.serials,
      "task \(request.caller_tid) changed its own container ID")
    guard !isCapable else { return }
    t7.expect(
      granted.isEmpty, at: evidence.serials,
      "task \(request.caller_tid) was granted what needs CAP_AUDIT_CONTROL")
  }

  var verdicts: [Clause: Verdict] {
    [
      .r2: r2.verdict(orElse: RequestJudge.noRequest),
      .t7: t7.verdict(orElse: "nobody asked for a registration without the capability"),
    ]
  }
}
