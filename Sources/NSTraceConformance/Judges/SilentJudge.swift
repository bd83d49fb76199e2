// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Clauses that no dump of today can show as held or broken.
struct SilentJudge: Judge {
  mutating func weigh(_ evidence: Evidence, against account: Account) {}

  let verdicts: [Clause: Verdict] = [
    .t13: .notExercised(because: "who reads an ID leaves no record in the stream"),
    .t20: .notExercised(because: "who asks for a peer's ID leaves no record in the stream"),
  ]
}
