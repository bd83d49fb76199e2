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
      var tally = FloodTally(of: [UInt32(flood.pid)])
      try trace.drain(until: "the flood to be beyond its share") { trace in
        flood.look()
        tally.count(trace.events)
        return tally.heldBack > 0
      }
      var root = try trace.start(BuiltProducts.nsactor, ["busy-unshare", "1", "1000"])
      try trace.follow(&root)
      #expect(root.status == .exited(0))
      let made = trace.treeEvents.flatMap(\.namespaces).filter { $0.verb == .create }
      #expect(made.count == 1000)

      flood.closeInput()
      try trace.drain(until: "the flood's end, and its count") { trace in
        flood.look()
        guard let status = flood.status else { return false }
        try #require(status == .exited(0))
        let calls = UInt64(try ActorFacts(flood.outputText).number("flood.made"))
        tally.count(trace.events)
        return tally.recorded + tally.heldBack == calls
      }
      #expect(tally.users == [65534])
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
      var tally = FloodTally(of: trace.tree.tids)
      try trace.drain(until: "what was held back") { trace in
        tally.count(trace.events)
        return tally.recorded + tally.heldBack == calls
      }
      #expect(tally.users == [65534])
      // The burst, the rate, and a record for each CPU that races.
      let rate = UInt64(KernelSource.shareRate)
      #expect(tally.recorded <= rate * (4 + UInt64(took.components.seconds) + 1) + 64)
      #expect(trace.kernelCounts.lost == [:])
    }
  }
}

/// What the stream has of a flood. It looks at each event once: under load millions come.
private struct FloodTally {
  /// The flooding processes.
  private let tgids: Set<UInt32>
  private var seen = 0
  /// Successful calls of unshare that are recorded.
  private(set) var recorded: UInt64 = 0
  /// SWITCH records that the stream reports as held back, of anybody.
  private(set) var heldBack: UInt64 = 0
  /// Whose records were held back.
  private(set) var users: Set<UInt32?> = []

  init(of tgids: Set<UInt32>) { self.tgids = tgids }

  mutating func count(_ events: [AuditEvent]) {
    for event in events[seen...] {
      if isFlood(event) { recorded += 1 }
      if let lost = event.lost, lost.cause == .share { countHeldBack(lost) }
    }
    seen = events.count
  }

  private func isFlood(_ event: AuditEvent) -> Bool {
    guard let call = event.call, let subject = event.subject else { return false }
    return call.op == NST_OP_UNSHARE.rawValue && call.result == 0
      && tgids.contains(subject.task.tgid)
  }

  private mutating func countHeldBack(_ lost: LostRecord) {
    users.insert(lost.share?.uid)
    if lost.kind == UInt16(NST_KIND_SWITCH.rawValue) { heldBack += lost.count }
  }
}
