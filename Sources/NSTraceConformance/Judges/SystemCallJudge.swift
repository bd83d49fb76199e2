// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// T15: the SYSCALL record and all NS_* records that the call has caused have one serial.
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

  /// Whether the printed call and caller are those that the kernel side reported.
  private static func isSame(
    _ event: PrintedEvent, _ call: nst_call, _ subject: nst_subject
  ) -> Bool {
    guard let printed = event.call else { return false }
    let numbers: [(StaticString, UInt32)] = [
      ("syscall", call.number), ("ppid", subject.ppid), ("pid", subject.task.tgid),
      ("auid", subject.auid), ("uid", subject.uid), ("gid", subject.gid), ("euid", subject.euid),
      ("suid", subject.suid), ("fsuid", subject.fsuid), ("egid", subject.egid),
      ("sgid", subject.sgid), ("fsgid", subject.fsgid), ("ses", subject.ses),
    ]
    let registers: [(StaticString, UInt64)] = [
      ("arch", UInt64(call.arch)), ("a0", call.args.0), ("a1", call.args.1), ("a2", call.args.2),
      ("a3", call.args.3),
    ]
    return numbers.allSatisfy { printed.number($0) == UInt64($1) }
      && registers.allSatisfy { printed.number($0, radix: 16) == $1 }
      && printed.signed("exit") == call.result && printed.boolean("success") == (call.result >= 0)
  }

  var verdicts: [Clause: Verdict] {
    [.t15: t15.verdict(orElse: "no system call changed namespaces")]
  }
}
