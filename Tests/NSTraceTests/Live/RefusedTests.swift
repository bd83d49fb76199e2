// SPDX-License-Identifier: Apache-2.0

import CBPF
import NSTrace
import Testing

extension LiveTests {
  /// What the kernel refuses is told too, one record for each kind that was asked for.
  @Suite struct RefusedTests {
    struct Attempt: CustomTestStringConvertible, Sendable {
      let name: String
      let op: NSTrace.Operation
      let kinds: [NamespaceSlot]
      let result: Int64
      let uid: UInt32
      var testDescription: String { name }
    }

    static let attempts = [
      Attempt(name: "invalid", op: .unshare, kinds: [.uts], result: -22, uid: 0),
      Attempt(name: "unshare", op: .unshare, kinds: [.uts, .net], result: -1, uid: 65534),
      Attempt(name: "clone", op: .clone, kinds: [.ipc], result: -1, uid: 65534),
      Attempt(name: "clone3", op: .clone3, kinds: [.mnt, .time], result: -1, uid: 65534),
    ]

    @Test(arguments: attempts)
    func `a refusal is told with its errno and its actor`(attempt: Attempt) throws {
      let run = try ActorRun("refused", [attempt.name])
      let before = try run.place("before")
      run.expect(
        try attempt.kinds.map { slot in
          try .refused(.create, attempt.op, slot.kind, at: before[slot], opid: before.tid)
        })
      #expect(run.events.map(\.call?.result) == [attempt.result])
      #expect(run.events.map(\.subject?.uid) == [attempt.uid])
    }
  }
}
