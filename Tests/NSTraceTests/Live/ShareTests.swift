// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import NSTrace
import NSTraceLive
import Testing

extension LiveTests {
  /// F6: nobody floods, and loses only its own records, each of which is counted.
  @Suite struct ShareTests {
    @Test(arguments: [1, 4, 16])
    func `beside a flood of nobody's all of root's calls are recorded`(threads: Int) throws {
      var trace = try LiveTrace.attached()
      var flood = try ChildProcess(BuiltProducts.nsactor, ["flood", "\(threads)"], input: .open)
      try trace.drain(until: "the flood to be beyond its share") { trace in
        flood.look()
        return trace.held(NST_KIND_SWITCH) > 0
      }
      var root = try trace.start(BuiltProducts.nsactor, ["busy-unshare", "1", "1000"])
      try trace.follow(&root)
      #expect(root.status == .exited(0))
      let made = trace.treeEvents.flatMap(\.namespaces).filter { $0.verb == .create }
      #expect(made.count == 1000)

      flood.closeInput()
      let floodPid = UInt32(flood.pid)
      try trace.drain(until: "the flood's end, and its count") { trace in
        flood.look()
        guard let status = flood.status else { return false }
        try #require(status == .exited(0))
        let calls = UInt64(try ActorFacts(flood.outputText).number("flood.made"))
        let recorded = trace.recordedUnshares { $0.task.tgid == floodPid }
        return recorded + trace.held(NST_KIND_SWITCH) == calls
      }
      #expect(trace.sharesHeld == [65534])
      #expect(trace.kernelCounts.lost == [:])
    }

    @Test func `the users of a range share one share`() throws {
      var trace = try LiveTrace.attached()
      let began = ContinuousClock.now
      var flood = try trace.start(BuiltProducts.nsactor, ["flood-users", "16", "2000"])
      try trace.follow(&flood)
      let took = began.duration(to: .now)
      #expect(flood.status == .exited(0))
      let calls = UInt64(try ActorFacts(flood.outputText).number("flood.made"))
      let tids = trace.tree.tids
      let recorded = trace.recordedUnshares { tids.contains($0.task.tid) }
      try trace.drain(until: "what was held back") { trace in
        recorded + trace.held(NST_KIND_SWITCH) == calls
      }
      #expect(trace.sharesHeld == [65534])
      // The burst, the rate, and a record for each CPU that races.
      let rate = UInt64(KernelSource.shareRate)
      #expect(recorded <= rate * (4 + UInt64(took.components.seconds) + 1) + 64)
      #expect(trace.kernelCounts.lost == [:])
    }
  }
}

extension LiveTrace {
  /// How many records of a kind the stream reports as held back.
  fileprivate func held(_ kind: nst_kind) -> UInt64 {
    losses.filter { $0.kind == kind.rawValue }.reduce(0) { $0 + $1.count }
  }

  /// The users whose records were held back.
  fileprivate var sharesHeld: Set<UInt32?> { Set(losses.map { $0.share?.uid }) }

  private var losses: [LostRecord] {
    events.compactMap(\.lost).filter { $0.cause == .share }
  }

  /// How many successful calls of unshare are recorded, of these subjects.
  fileprivate func recordedUnshares(_ isMeant: (nst_subject) -> Bool) -> UInt64 {
    UInt64(
      events.count { event in
        guard let call = event.call, let subject = event.subject else { return false }
        return call.op == NST_OP_UNSHARE.rawValue && call.result == 0 && isMeant(subject)
      })
  }
}
