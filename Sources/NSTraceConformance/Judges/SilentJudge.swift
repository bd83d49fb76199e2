// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// A clause that no dump of today can show as held or broken.
struct SilentJudge: Judge {
  mutating func weigh(_ evidence: Evidence, against account: Account) {}

  let verdicts: [Clause: Verdict] = [
    .t13: .notExercised(because: "who reads an ID leaves no record in the stream")
  ]
}
