// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Law 5: cutting the stream into batches anywhere changes nothing.
@Suite struct BatchTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `a plausible stream, cut anywhere`(_ seed: UInt64) throws {
    var stream = SimulatedStream(seed: seed, hasIDs: seed % 2 == 0)
    var records: [[UInt8]] = []
    while records.count < 2_000 { records += stream.next().map(\.bytes) }
    try expectSame(records, seed: seed)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `a hostile stream, cut anywhere`(_ seed: UInt64) throws {
    var stream = HostileStream(seed: seed)
    try expectSame((0..<2_000).map { _ in stream.next().bytes }, seed: seed)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `a hostile stream with answers, cut anywhere`(_ seed: UInt64) throws {
    var stream = HostileStream(seed: seed, pinnedPercent: 20)
    let host = SimulatedStream.host(at: 0, hooks: NST_HOOK_FREED).bytes
    try expectSame([host] + (0..<2_000).map { _ in stream.next().bytes }, seed: seed)
  }

  private func expectSame(_ records: [[UInt8]], seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let whole = try track([records.flatMap(\.self)])
    let single = try track(records)
    var pieces: [[UInt8]] = [[]]
    for record in records {
      if random.chance(10) { pieces.append([]) }
      pieces[pieces.count - 1] += record
    }
    let cut = try track(pieces)
    #expect(whole.events.count > 100, "seed \(seed)")
    #expect(whole.events == single.events, "seed \(seed)")
    #expect(whole.events == cut.events, "seed \(seed)")
    #expect(whole.tasks == single.tasks, "seed \(seed)")
    #expect(whole.tasks == cut.tasks, "seed \(seed)")
  }

  private func track(
    _ batches: [[UInt8]]
  ) throws -> (events: [ObservedEvent], tasks: [TaskSummary]) {
    var pipeline = Pipeline(from: MemorySource(batches), to: CollectingSink())
    try pipeline.run()
    return (pipeline.sink.events, pipeline.state.taskSummaries)
  }
}
