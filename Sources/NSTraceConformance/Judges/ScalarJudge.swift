// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// R13: two IDs are the same if all 128 bits are, and not if 64 are.
struct ScalarJudge: Judge {
  private var r13 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing, let registration = account.registration,
      registration.isNearlyUsed
    else { return }
    let isGranted = evidence.isGranted
    // A refusal for another reason does not show how IDs are compared.
    guard registration.isGranted || isGranted || registration.isRefused(only: .used) else { return }
    r13.expect(
      isGranted == registration.isGranted || registration.isAlreadyIn, at: evidence.serials
    ) {
      "\(registration.request.id) was " + (isGranted ? "granted" : "refused")
        + ", which is wrong if it is compared as 128 bits"
    }
  }

  var verdicts: [Clause: Verdict] {
    [.r13: r13.verdict(orElse: "no ID that was asked for is like one in use, not even in part")]
  }
}
