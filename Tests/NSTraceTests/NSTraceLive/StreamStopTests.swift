// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// What a stop leaves: what was lost is told, and what waits is handed over.
@Suite struct StreamStopTests {
  @Test func `a loss is told once, and no walk follows`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.port.lose(NST_KIND_FORK, 2)
    #expect(try stream.tellLosses() == ["lost 2 fork since 10"])
    #expect(try stream.tellLosses() == [])
    #expect(stream.port.walks == [true])
    #expect(stream.takeLines() == ["lost 2 fork"])
  }

  @Test func `what programs were skipped since the last look is told`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.port.skip(NST_KIND_EXEC)
    #expect(try stream.tellLosses() == ["lost 1 exec since 0 skipped"])
  }

  @Test func `nothing is told where nothing was lost`() throws {
    let stream = try ScriptedStream(following: 1)
    #expect(try stream.tellLosses() == [])
  }

  @Test func `a stop in the first walk writes nothing`() throws {
    let stream = ScriptedStream()
    _ = try stream.next()
    stream.finds(.seen(1))
    stream.happens(.unshare(1, [.uts: 101]))
    #expect(try stream.next(2) == [["switch 1"], ["task 1"]])
    #expect(try stream.tellLosses() == [])
    try stream.release()
    #expect(stream.takeLines() == [])
  }

  @Test func `a report that waits for a walk is handed over, and counts as explained`() throws {
    let stream = try ScriptedStream(following: 1, 2)
    stream.happens(.setns(2, [.uts: 101]), .fork(1, 3))
    _ = try stream.next()
    try stream.explain()
    #expect(stream.isWaiting)
    #expect(stream.takeLines() == [])
    #expect(try stream.tellLosses() == [])
    try stream.release()
    #expect(stream.takeLines() == ["create setns uts 2: 101 <- 2"])
    #expect(stream.tids == [1, 2, 3])
  }

  /// A walk keeps 8 MiB of what it finds: of the tasks in 102 and 103 it says only that there is one. What is
  /// given up is told once a second, and what is left at the stop.
  @Test func `what a cut walk cannot explain is told, the last of it at the stop`() throws {
    let stream = try ScriptedStream(following: 1, 2, 3, 4, 5)
    stream.happens(.setns(2, [.uts: 101]), .setns(3, [.uts: 102]), .setns(4, [.uts: 103]))
    _ = try stream.next()
    stream.time += EffectOrder.patienceNs + 100
    try stream.explain()
    stream.finds(40_000, of: .seen(10_000, [.uts: 101]))
    stream.finds(.seen(60_000, [.uts: 102]), .seen(60_001, [.uts: 103]))
    stream.happens(.setns(5, [.uts: 104]))
    #expect(try stream.next() == ["switch 5"])
    let found = try stream.next(3).flatMap(\.self).filter { $0.hasPrefix("users") }
    #expect(found.sorted() == ["users 101: 40000", "users 102: 1", "users 103: 1"])
    #expect(stream.isWaiting)
    #expect(stream.causes == [.unexplained])
    #expect(
      stream.takeLines().suffix(3) == [
        "lost 1 switch", "create setns uts 3: 102 <- 2", "create setns uts 4: 103 <- 2",
      ])
    try stream.release()
    #expect(stream.causes == [.unexplained])
    #expect(stream.takeLines() == ["create setns uts 5: 104 <- 2", "lost 1 switch"])
  }
}

extension ScriptedStream {
  /// Why records count as lost.
  fileprivate var causes: [LostRecord.Cause] {
    tracer.tracker.sink.events.compactMap { $0.lost?.cause }
  }
}
