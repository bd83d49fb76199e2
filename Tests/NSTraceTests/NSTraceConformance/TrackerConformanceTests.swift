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

  // MARK: What becomes of a member before its registration's records

  /// The target ends, and its tid is given to a task that makes namespaces.
  private static let reborn = [
    Stream.exit(2), Stream.clone(1, 2, [.uts: 101, .net: 102]),
  ]

  private static let clausesOfGone: [(Clause, Int)] = [
    (.r3, 2), (.r4, 2), (.r11, 1), (.t8, 2), (.t14, 1),
  ]

  @Test(arguments: clausesOfGone)
  func `a target that has ended leaves a container that ends at once`(
    _ clause: Clause, _ occasions: Int
  ) throws {
    let gone = Stream([Stream.register(2, as: Self.seven, meanwhile: [Stream.exit(2)])])
    #expect(try gone.verdict(on: clause) == .held(occasions: occasions))
    let reborn = Stream([Stream.register(2, as: Self.seven, meanwhile: Self.reborn)])
    #expect(try reborn.verdict(on: clause) == .held(occasions: occasions))
  }

  @Test func `another task with a target's tid is not the target`() throws {
    let stream = Stream([
      Stream.register(2, as: Self.seven, meanwhile: Self.reborn), Stream.unshare(2, [.ipc: 103]),
      Stream.exit(2),
    ])
    #expect(try stream.verdict(on: .r7) == .held(occasions: 3))
    #expect(try stream.verdict(on: .r9) == .held(occasions: 3))
    #expect(try stream.verdict(on: .t1) == .held(occasions: 6))
    let tampered = try stream.verdict(on: .t1) {
      $0.forge(.create) { $0.containers = ContainerList([.init(Self.seven)]) }
    }
    #expect(tampered?.isBroken == true)
  }

  @Test func `another task with a target's tid keeps its session`() throws {
    let stream = Stream([
      Stream.unshare(3, [.uts: 101]), Stream.register(3, as: Self.eight),
      Stream.register(
        2, as: Self.seven,
        meanwhile: [Stream.exit(2), Stream.fork(1, 2), Stream.setns(2, [.uts: 101])]),
      Stream.unshare(2, [.net: 102]),
    ])
    let verdict = try stream.verdict(on: .t4)
    #expect(verdict == .held(occasions: 7))
  }

  @Test func `another task with a target's tid makes no registration a second one`() throws {
    let stream = Stream([
      Stream.register(
        2, as: Self.seven,
        meanwhile: [
          Stream.exit(2), Stream.fork(1, 2), Stream.register(2, as: Self.eight),
        ])
    ])
    #expect(try stream.verdict(on: .r3) == .held(occasions: 5))
    #expect(try stream.verdict(on: .t14) == .held(occasions: 2))
    #expect(try stream.verdict(on: .t2) == .notExercised(because: Self.noSecond))
  }

  private static let noSecond = "no registration was asked for a task that had an ID"

  @Test func `a descendant that has ended is not moved, nor another task with its tid`() throws {
    for meanwhile in [[Stream.exit(4)], [Stream.exit(4), Stream.fork(1, 4)]] {
      let stream = Stream([
        Stream.fork(2, 4),
        Stream.register(
          2, as: Self.seven, flags: Self.withDescendants, others: [4], meanwhile: meanwhile),
        Stream.exit(2),
      ])
      #expect(try stream.verdict(on: .r6) == .held(occasions: 1))
      #expect(try stream.verdict(on: .r11) == .held(occasions: 1))
      #expect(try stream.verdict(on: .t14) == .held(occasions: 1))
    }
  }

  @Test func `a target that has ended is survived by the children that it had with the number`()
    throws
  {
    let stream = Stream([
      Stream.register(
        2, as: Self.seven, meanwhile: [Stream.fork(2, 4, number: 1), Stream.exit(2)]),
      Stream.exit(4),
    ])
    for (clause, occasions) in [(Clause.r3, 2), (.r11, 1), (.t14, 1)] {
      #expect(try stream.verdict(on: clause) == .held(occasions: occasions), "\(clause)")
    }
  }

  @Test func `a task whose birth was lost is not moved`() throws {
    let stream = Stream([
      Stream.lostFork(2, 4),
      Stream.register(2, as: Self.seven, flags: Self.withDescendants, others: [4]),
      Stream.exit(2),
    ])
    #expect(try stream.verdict(on: .r6) == .held(occasions: 1))
    #expect(try stream.verdict(on: .r11) == .held(occasions: 1))
  }

  // MARK: What no task has reported

  @Test func `what a walk for a namespace's users found is not what has happened`() throws {
    let stream = Stream([
      Stream.census(2, [.uts: 101]), Stream.unshare(2, [.uts: 101]), Stream.exit(2),
    ])
    #expect(try stream.verdict(on: .r7) == .held(occasions: 1))
    #expect(try stream.verdict(on: .r9) == .held(occasions: 1))
    #expect(try stream.verdict(on: .t5) == .held(occasions: 4))
  }

  @Test func `a task that such a walk found still has a session to be judged`() throws {
    let stream = Stream([
      Stream.unshare(3, [.uts: 101]), Stream.register(3, as: Self.eight),
      Stream.setns(2, [.uts: 101]), Stream.census(2, [.uts: 101]), Stream.unshare(2, [.net: 102]),
    ])
    let verdict = try stream.verdict(on: .t4)
    #expect(verdict == .held(occasions: 7))
  }

  @Test(arguments: [Clause.t3, .t10])
  func `a task with 32 IDs is refused another`(_ clause: Clause) throws {
    let stream = Stream(
      (1...33 as ClosedRange<UInt64>).map { Stream.register(2, as: ContainerID(high: 0, low: $0)) })
    #expect(try stream.verdict(on: clause) == .held(occasions: 63))
  }
}
