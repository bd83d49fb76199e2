// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import NSTraceLive
import Testing

extension LiveTests {
  /// What a program that uses the library gets.
  @Suite struct PipelineFollowingTests {
    @Test func `it follows until it is told, and what came before that is written`() throws {
      var pipeline = Pipeline(
        from: try KernelSource(ringBytes: LiveTrace.ringBytes, version: "test"),
        to: CollectingSink())
      while !pipeline.isFollowing { try pipeline.step() }
      var actor = try ChildProcess("unshare", ["--uts", "true"])
      let process = UInt32(actor.pid)
      try pipeline.follow {
        actor.look()
        return actor.status != nil
      }
      let records = pipeline.sink.events.filter { $0.actor == process }.flatMap(\.records)
      let made = try #require(records.first?.namespace)
      #expect(records.map(\.verb) == [.create, .destroy])
      #expect(records.map(\.op) == [.unshare, .exit])
      #expect(records.map(\.namespace) == [made, made])
      #expect(made.kind == .uts)
      // The hold has answered by itself, as in a run of the program, or has been released.
      #expect(pipeline.counters.lost == 0)
    }
  }
}
