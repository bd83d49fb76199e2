// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// T15: the SYSCALL record and all NS_* records that the call caused stand under one serial.
struct SystemCallJudge: Judge {
  private var t15 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard let call = evidence.raw.call, let subject = evidence.raw.subject else { return }
    let events = evidence.events.filter { $0.namespaces.contains { Self.isCaused($0.op) } }
    guard !events.isEmpty else { return }
    t15.expect(events.count == 1, at: events.map(\.serial)) {
      "what one call of task \(subject.task.tid) did is spread over \(events.count) serials"
    }
    for event in events {
      t15.expect(Self.isSame(event, call, subject), at: [event.serial]) {
        "the records of what task \(subject.task.tid) did have no SYSCALL record of that call"
      }
    }
  }

  private static func isCaused(_ op: Operation) -> Bool {
    switch op {
    case .clone, .clone3, .unshare, .setns, .exec: true
    case .exit, .late, .resync, .assign, .release: false
    }
  }

  private static func isSame(
    _ event: AuditEvent, _ call: nst_call, _ subject: nst_subject
  ) -> Bool {
    guard let printed = event.call, let who = event.subject else { return false }
    return printed.number == call.number && printed.result == call.result
      && printed.args == call.args && who.task.tid == subject.task.tid
      && who.task.tgid == subject.task.tgid
  }

  var verdicts: [Clause: Verdict] {
    [.t15: t15.verdict(orElse: "no system call changed namespaces")]
  }
}
