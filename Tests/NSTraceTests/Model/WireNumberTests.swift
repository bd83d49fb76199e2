// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// The enums that stand for those of the wire have its numbers.
@Suite struct WireNumberTests {
  @Test func `kinds of records`() {
    let kinds: [RecordKind: nst_kind] = [
      .fork: NST_KIND_FORK, .exit: NST_KIND_EXIT, .task: NST_KIND_TASK, .clone: NST_KIND_CLONE,
      .switchNamespaces: NST_KIND_SWITCH, .exec: NST_KIND_EXEC, .cgroup: NST_KIND_CGROUP,
      .attach: NST_KIND_ATTACH, .freed: NST_KIND_FREED, .cgroupIn: NST_KIND_CGROUP_IN,
      .host: NST_KIND_HOST, .clock: NST_KIND_CLOCK, .snapshotBegin: NST_KIND_SNAPSHOT_BEGIN,
      .snapshotEnd: NST_KIND_SNAPSHOT_END, .lost: NST_KIND_LOST, .register: NST_KIND_REGISTER,
      .member: NST_KIND_MEMBER, .pinned: NST_KIND_PINNED, .users: NST_KIND_USERS,
      .confined: NST_KIND_CONFINED, .suppressed: NST_KIND_SUPPRESSED, .kept: NST_KIND_KEPT,
      .keptSession: NST_KIND_KEPT_SESSION, .inside: NST_KIND_INSIDE,
      .stain: NST_KIND_STAIN, .audit: NST_KIND_AUDIT, .auditLost: NST_KIND_AUDIT_LOST,
    ]
    for kind in RecordKind.allCases { #expect(kind.rawValue == kinds[kind]?.rawValue) }
    #expect(RecordKind(rawValue: 0) == nil)
  }

  @Test func `system calls`() {
    let calls: [SystemCall: nst_op] = [
      .clone: NST_OP_CLONE, .clone3: NST_OP_CLONE3, .unshare: NST_OP_UNSHARE, .setns: NST_OP_SETNS,
      .exec: NST_OP_EXEC,
    ]
    for call in SystemCall.allCases { #expect(call.rawValue == calls[call]?.rawValue) }
    #expect(SystemCall(rawValue: NST_OP_NONE.rawValue) == nil)
  }

  @Test func `answers about namespaces that no task uses`() {
    let answers: [PinnedAnswer: (nst_answer, isPinned: Bool?)] = [
      .unknown: (NST_ANSWER_UNKNOWN, nil), .yes: (NST_ANSWER_YES, true),
      .no: (NST_ANSWER_NO, false),
    ]
    for answer in PinnedAnswer.allCases {
      #expect(answer.rawValue == answers[answer]?.0.rawValue)
      #expect(answer.isPinned == answers[answer]?.isPinned)
    }
  }
}
