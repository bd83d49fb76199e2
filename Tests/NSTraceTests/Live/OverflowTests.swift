// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// R5 where records were lost: the ID is inherited in the kernel.
  @Suite struct OverflowTests {
    @Test func `500 processes that fork through a full ring all carry the ID`() throws {
      var trace = try LiveTrace.attached(ringBytes: 4096)
      var target = try trace.start(BuiltProducts.nsactor, ["crowd", "500", "10"], input: .open)
      try target.wait(for: "the actor") { $0.outputText.contains("target.tid=") }
      let id = ContainerID(high: 5, low: 6)
      let outcome = try trace.register(UInt32(target.pid), as: id)
      #expect(outcome == .granted(id, tasks: 1))
      let lostBefore = trace.lost
      target.send(SIGUSR1)
      // Nobody reads the ring meanwhile.
      try target.wait(for: "the crowd") { $0.outputText.contains("target.done=500\n") }

      let carried = try trace.family(of: UInt32(target.pid))
      #expect(carried.count == 501)
      #expect(carried.allSatisfy { $0.container == trace.lastNumber })
      let tids = Set(carried.map(\.task.tid))
      let list = ContainerList([.init(id)])
      try trace.drain(until: "the tracker to have found them again") { trace in
        trace.state.taskSummaries.count { tids.contains($0.tid) && $0.containers == list } == 501
      }
      #expect(trace.lost - lostBefore >= 10_000)
    }
  }
}
