// SPDX-License-Identifier: Apache-2.0

/// What no dump of today can show, neither held nor broken.
struct SilentJudge: Judge {
  mutating func weigh(_ evidence: Evidence, against account: Account) {}

  let verdicts: [Clause: Verdict] = [
    .t4: .notExercised(because: "the records have no cses="),
    .t5: .notExercised(because: "the records have no nshash=, and no policy gives automatic IDs"),
    .t8: .notExercised(because: "VIRT_* records are not part of the records that are judged"),
    .t13: .notExercised(because: "who reads an ID leaves no record in the stream"),
    .l1: .notExercised(because: "no record has no_new_privs of a whole container or cgroup"),
  ]
}
