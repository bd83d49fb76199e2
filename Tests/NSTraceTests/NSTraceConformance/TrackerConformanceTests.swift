// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing
@testable import NSTraceConformance

/// What the judges found the tracker to get wrong.
@Suite struct TrackerConformanceTests {
  typealias Stream = ConformanceStream

  static let seven = ContainerID(high: 0, low: 7)
  static let eight = ContainerID(high: 0, low: 8)
  static let withDescendants = NST_REGISTER_CAPABLE | NST_REGISTER_DESCENDANTS

  @Test func `R2 nobody gets another ID by registering an ancestor with all its descendants`()
    throws
  {
    let stream = ConformanceStream([
      Stream.fork(2, 4),
      Stream.register(2, as: Self.seven, by: 4, flags: Self.withDescendants, others: [4]),
    ])
    #expect(try stream.verdict(on: .r2) == .held(occasions: 1))
    #expect(try stream.verdict(on: .r3) == .held(occasions: 2))
  }

  @Test func `R4 an orchestrator that is in a container itself takes part`() throws {
    let stream = ConformanceStream([
      Stream.register(9, as: Self.eight, by: 1), Stream.register(2, as: Self.seven, by: 9),
    ])
    #expect(try stream.verdict(on: .r4) == .held(occasions: 3))
  }

  @Test func `R5 a task heard of by its system call carries what the kernel side says`() throws {
    let stream = ConformanceStream([
      Stream.register(2, as: Self.seven), Stream.lostFork(2, 4), Stream.unshare(4, [.uts: 101]),
    ])
    #expect(try stream.verdict(on: .r5) == .held(occasions: 1))
    #expect(try stream.verdict(on: .r7) == .held(occasions: 1))
  }

  @Test func `R5 a container outlives the last task that was heard of`() throws {
    let stream = ConformanceStream([
      Stream.register(2, as: Self.seven), Stream.lostFork(2, 4), Stream.exit(2),
      Stream.snapshot(1, 3, 4, 9), Stream.unshare(4, [.uts: 101]), Stream.exit(4),
    ])
    #expect(try stream.verdict(on: .r5) == .held(occasions: 2))
    #expect(try stream.verdict(on: .r11) == .held(occasions: 2))
  }

  @Test func `R6 a descendant that is in a container of its own stays there`() throws {
    let stream = ConformanceStream([
      Stream.fork(2, 4), Stream.register(4, as: Self.eight),
      Stream.register(2, as: Self.seven, flags: Self.withDescendants, others: [4]),
      Stream.unshare(4, [.uts: 101]),
    ])
    #expect(try stream.verdict(on: .r6) == .held(occasions: 1))
    #expect(try stream.verdict(on: .r7) == .held(occasions: 1))
    #expect(try stream.verdict(on: .t14) == .held(occasions: 2))
  }

  @Test func `T3 a task found by a snapshot carries the whole of its list`() throws {
    let stream = ConformanceStream([
      Stream.register(2, as: Self.seven), Stream.register(2, as: Self.eight),
      Stream.lostFork(2, 4), Stream.snapshot(1, 2, 3, 4, 9), Stream.unshare(4, [.uts: 101]),
    ])
    #expect(try stream.verdict(on: .t3) == .held(occasions: 3))
  }
}
