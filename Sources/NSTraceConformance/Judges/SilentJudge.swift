// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// What no dump of today can show, neither held nor broken.
struct SilentJudge: Judge {
  mutating func weigh(_ evidence: Evidence, against account: Account) {}

  let verdicts: [Clause: Verdict] = [
    .t13: .notExercised(because: "who reads an ID leaves no record in the stream")
  ]
}
