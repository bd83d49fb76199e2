// SPDX-License-Identifier: Apache-2.0

/// L3: NS_INFO prints the seccomp mode of the task's last own record, or else its parent's.
struct SeccompJudge: Judge {
  private var l3 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard let registration = account.registration, let seccomp = registration.seccomp
    else { return }
    for event in evidence.events {
      guard let info = event.info else { continue }
      l3.expect(
        info.seccomp == seccomp && info.noNewPrivs == registration.hasNoNewPrivs,
        at: [event.serial]
      ) {
        "NS_INFO of task \(info.tid) says seccomp=\(info.seccomp), and the stream \(seccomp)"
      }
    }
  }

  var verdicts: [Clause: Verdict] { [.l3: l3.verdict(orElse: "no NS_INFO was printed")] }
}
