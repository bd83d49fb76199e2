// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// A report that nothing explains waits for a walk over the tasks.
@Suite struct StreamCensusTests {
  private static let millisecond: UInt64 = 1_000_000

  /// Task 2 has entered a namespace of which nothing is known, and its report waits.
  private static func waiting(ringBytes: Int = 4096) throws -> ScriptedStream {
    let stream = try ScriptedStream(following: 1, 2, 3, ringBytes: ringBytes)
    stream.happens(.setns(2, [.uts: 101]))
    #expect(try stream.next() == ["switch 2"])
    #expect(stream.isWaiting)
    try stream.explain()
    return stream
  }

  @Test func `what the walk found comes once it is over`() throws {
    let stream = try Self.waiting()
    stream.finds(.seen(1), .seen(2))
    stream.finds(.seen(3))
    #expect(try stream.next(4) == [[], [], [], ["task 2 census", "users 101: 1"]])
    #expect(!stream.isWaiting)
    #expect(stream.takeLines() == ["create setns uts 2: 101 <- 2"])
    #expect(stream.port.walks == [true, false])
  }

  @Test func `the reports of whom the walk found come before what it found`() throws {
    let stream = try Self.waiting()
    stream.happens(during: .takeWalk, .unshare(3, [.uts: 101]))
    stream.finds(.seen(1), .seen(2), .seen(3))
    #expect(
      try stream.next(3) == [[], ["switch 3"], ["task 2 census", "task 3 census", "users 101: 2"]])
    #expect(
      stream.takeLines() == ["create unshare uts 3: 101 <- 2", "change setns uts 2: 101 <- 2"])
  }

  @Test func `what it found waits until the ring is nearly empty`() throws {
    let stream = try Self.waiting(ringBytes: 2 << 20)
    stream.finds(.seen(2))
    _ = try stream.next(2)
    // More than one batch takes, and less than two.
    stream.port.reportForks(10_000..<40_000)
    let first = try stream.next()
    #expect(first.count == (1 << 20) / MemoryLayout<nst_fork>.size)
    let second = try stream.next()
    #expect(second.count == 30_000 - first.count + 2)
    #expect(second.suffix(2) == ["task 2 census", "users 101: 1"])
  }

  @Test func `what it found comes at last behind as much as the ring can hold`() throws {
    let stream = try Self.waiting(ringBytes: 1 << 20)
    stream.finds(.seen(2))
    _ = try stream.next(2)
    // Each is more than half a batch, and both are more than the ring.
    stream.port.reportForks(10_000..<24_000)
    #expect(try stream.next().last == "fork 1 23999")
    #expect(!stream.isCaughtUp)
    stream.port.reportForks(24_000..<38_000)
    #expect(try stream.next().suffix(2) == ["task 2 census", "users 101: 1"])
    #expect(!stream.isCaughtUp)
  }

  @Test func `while it walks there is no rest, and a verification waits`() throws {
    let stream = try Self.waiting()
    #expect(!stream.isCaughtUp)
    stream.finds(.seen(2))
    for _ in 1...2 {
      _ = try stream.next()
      #expect(!stream.isCaughtUp)
    }
    _ = try stream.next()
    #expect(stream.isCaughtUp)
  }

  @Test func `the next walk waits for twenty times what the last took, unless it is urgent`() throws
  {
    let stream = try Self.waiting()
    stream.port.during(.takeWalk) { $0.processorNs += 3 * Self.millisecond }
    stream.finds(.seen(2))
    #expect(!stream.isCensusDue(isUrgent: true))
    _ = try stream.next(3)
    #expect(!stream.isCensusDue())
    #expect(stream.isCensusDue(isUrgent: true))
    stream.time += 60 * Self.millisecond
    #expect(stream.isCensusDue())
  }

  @Test func `a loss ends it, and the stream's own walk explains the report`() throws {
    let stream = try Self.waiting()
    stream.finds(.seen(2))
    stream.port.lose(NST_KIND_FORK)
    let lost = stream.time
    #expect(try stream.next(2) == [[], ["lost 1 fork since \(lost)", "begin"]])
    #expect(!stream.isWaiting)
    stream.finds(.seen(1), .seen(2), .seen(3))
    #expect(try stream.untilLive().flatMap(\.self).last == "end 3")
    #expect(try stream.next(2) == [[], []])
    #expect(stream.port.walks == [true, false, true])
    #expect(
      stream.takeLines() == [
        "create setns uts 2: 101 <- 2", "lost 1 fork", "lost 1 all resynced",
      ])
  }

  @Test func `none begins in a walk of the stream's own`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.port.lose(NST_KIND_FORK)
    _ = try stream.next()
    try stream.assembler.beginCensus(of: [NamespaceID(kind: .uts, inum: 101, nsid: 0)])
    _ = try stream.next()
    try stream.assembler.beginCensus(of: [NamespaceID(kind: .uts, inum: 101, nsid: 0)])
    #expect(stream.port.walks == [true, true])
  }
}
