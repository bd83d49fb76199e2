// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// Records have boot time, and the stream says when the wall clock moves against it.
@Suite struct StreamClockTests {
  private static let millisecond: UInt64 = 1_000_000

  private static func stream() throws -> ScriptedStream {
    try ScriptedStream(following: 1) { $0.realOffsetNs = 1000 * millisecond }
  }

  @Test(arguments: [1500, 700] as [UInt64])
  func `a step is told before the records that were read with it`(offset: UInt64) throws {
    let stream = try Self.stream()
    stream.port.realOffsetNs = offset * Self.millisecond
    stream.happens(.fork(1, 2))
    #expect(try stream.next(2) == [["clock \(offset)000000", "fork 1 2"], []])
  }

  @Test func `a reader that never rests is told ten times a second to do what it does at a rest`()
    throws
  {
    let stream = try Self.stream()
    stream.time = 5000 * Self.millisecond
    var due: [UInt64] = []
    for _ in 0..<350 {
      if stream.isRestDue() { due.append(stream.time / Self.millisecond) }
      stream.time += Self.millisecond
    }
    #expect(due == [5000, 5100, 5200, 5300])
  }

  @Test func `a step is told though nothing happens`() throws {
    let stream = try Self.stream()
    stream.port.realOffsetNs += 2 * Self.millisecond
    #expect(try stream.next(2) == [["clock 1002000000"], []])
  }

  @Test func `a millisecond is none, and small ones add up`() throws {
    let stream = try Self.stream()
    stream.port.realOffsetNs += Self.millisecond
    #expect(try stream.next() == [])
    stream.port.realOffsetNs += 1
    #expect(try stream.next(2) == [["clock 1001000001"], []])
  }

  @Test func `a pause between two clock reads is no step`() throws {
    let stream = try Self.stream()
    stream.port.during(.readReal) { $0.bootNs += 2 * Self.millisecond }
    #expect(try stream.next() == [])
  }

  @Test func `suspend moves both clocks`() throws {
    let stream = try Self.stream()
    stream.time += 3_600_000 * Self.millisecond
    #expect(try stream.next() == [])
  }

  @Test func `a step is told wherever the ring is read`() throws {
    let stream = try Self.stream()
    stream.port.lose(NST_KIND_FORK)
    #expect(try stream.next() == [])
    stream.port.realOffsetNs += 2 * Self.millisecond
    #expect(try stream.next() == ["clock 1002000000"])
    #expect(try stream.next() == ["lost 1 fork since 10", "begin"])
    stream.port.realOffsetNs += 2 * Self.millisecond
    stream.finds(.seen(1))
    #expect(try stream.next(3) == [["clock 1004000000"], ["task 1"], []])
    stream.port.realOffsetNs += 2 * Self.millisecond
    #expect(try stream.next(2) == [["clock 1006000000"], ["end 1"]])
  }

  @Test func `what happens after a step has the new time`() throws {
    let stream = try Self.stream()
    stream.happens(.unshare(1, [.uts: 101]))
    _ = try stream.next()
    stream.port.realOffsetNs += 5 * Self.millisecond
    stream.happens(.unshare(1, [.uts: 102]))
    _ = try stream.next()
    #expect(stream.tracer.tracker.sink.events.map(\.timeNs) == [1_000_000_020, 1_005_000_030])
  }
}
