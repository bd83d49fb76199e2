// SPDX-License-Identifier: Apache-2.0

import CNSWire
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

    /// While the flags of clone3 are changed, its errno alone says which the kernel has judged.
    @Test(arguments: ["thread", "shared", "file"])
    func `no refusal is of a kind that the kernel did not judge, and none is missing`(
      changedBy: String
    ) throws {
      let run = try ActorRun("clone3-flips", [changedBy, "kinds", "300"])
      let results = run.events.compactMap(\.call?.result)
      #expect(results.count == 300)
      #expect(results.count { $0 == -1 } == Int(try run.facts.number("flips.without-right")))
      for event in run.events {
        let judged: NamespaceKind = event.call?.result == -1 ? .uts : .mnt
        #expect(event.namespaces.count == 1)
        #expect(event.namespaces.allSatisfy { $0.kind == nil || $0.kind == judged })
      }
    }

    @Test(arguments: ["thread", "shared", "file"])
    func `of a refusal that was for other flags no kind is told`(changedBy: String) throws {
      let run = try ActorRun("clone3-flips", [changedBy, "plain", "300"])
      let withoutRight = run.events.filter { $0.call?.result == -1 }
      #expect(withoutRight.count == Int(try run.facts.number("flips.without-right")))
      #expect(withoutRight.flatMap(\.namespaces).allSatisfy { $0.kind == nil || $0.kind == .uts })
      let others = run.events.filter { $0.call?.result != -1 }
      #expect(others.flatMap(\.namespaces).allSatisfy { $0.kind == nil })
    }
  }
}
