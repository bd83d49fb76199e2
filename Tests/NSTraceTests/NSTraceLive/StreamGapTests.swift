// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// What is lost is reported behind all that the ring held, and a walk mends it.
@Suite struct StreamGapTests {
  @Test func `what the ring held comes first, then the loss, then a walk`() throws {
    let stream = try ScriptedStream(following: 1, ringBytes: 100)
    stream.happens(.fork(1, 2), .fork(1, 3), .fork(1, 4))
    let lost = stream.time
    #expect(try stream.next() == ["fork 1 2", "fork 1 3"])
    #expect(!stream.isCaughtUp)
    stream.happens(.fork(1, 5))
    #expect(try stream.next() == ["fork 1 5"])
    #expect(try stream.next() == ["lost 1 fork since \(lost)", "begin"])
    stream.finds(.seen(1), .seen(2), .seen(3), .seen(4), .seen(5))
    _ = try stream.untilLive()
    #expect(stream.tids == [1, 2, 3, 4, 5])
    #expect(stream.takeLines() == ["lost 1 fork", "lost 1 all resynced"])
  }

  @Test func `a ring that is filled all the time is read no further than its size`() throws {
    let stream = try ScriptedStream(following: 1, ringBytes: 80)
    stream.port.lose(NST_KIND_EXIT)
    for child in 2...5 as ClosedRange<UInt32> {
      stream.happens(during: .takeRing, .fork(1, child))
    }
    #expect(
      try stream.next(5) == [
        ["fork 1 2"], ["fork 1 3"], ["fork 1 4"], ["lost 1 exit since 10", "begin"], ["fork 1 5"],
      ])
  }

  @Test func `losses are told by kind`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.port.lose(NST_KIND_SWITCH, 3)
    stream.port.lose(NST_KIND_FORK, 2)
    stream.port.lose(NST_KIND_CGROUP_IN)
    #expect(
      try stream.next(2).last == [
        "lost 2 fork since 10", "lost 3 switch since 10", "lost 1 cgroup since 10", "begin",
      ])
  }

  @Test func `a count that one record cannot hold stands in two`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.port.lose(NST_KIND_FORK, 1 << 32)
    #expect(
      try stream.next(2).last == [
        "lost 4294967295 fork since 10", "lost 1 fork since 10", "begin",
      ])
  }

  /// The kernel side gives the time once, and counts on: the other order would report a loss without it.
  @Test func `the time of the first loss is taken before the counters are read`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.time = 40
    stream.port.lose(NST_KIND_FORK)
    stream.port.during(.takeLostSince) { port in
      port.bootNs = 50
      port.lose(NST_KIND_FORK)
    }
    #expect(try stream.next(2).last == ["lost 2 fork since 40", "begin"])
    _ = try stream.untilLive()
    stream.port.bootNs = 60
    stream.port.lose(NST_KIND_FORK)
    #expect(try stream.next(2).last == ["lost 1 fork since 50", "begin"])
  }

  @Test func `a loss during the gap's walk is told before another walk`() throws {
    let stream = try ScriptedStream(following: 1, 2)
    stream.port.lose(NST_KIND_FORK)
    #expect(try stream.next(2).last == ["lost 1 fork since 20", "begin"])
    stream.finds(.seen(1), .seen(2))
    stream.time = 50
    stream.port.during(.takeWalk) { $0.lose(NST_KIND_EXIT) }
    #expect(
      try stream.next(4) == [
        [], ["task 1", "task 2"], [], ["lost 1 exit since 50", "begin"],
      ])
    stream.finds(.seen(1))
    #expect(try stream.untilLive() == [[], ["task 1"], [], ["end 1"]])
    #expect(stream.tids == [1])
    #expect(stream.takeLines() == ["lost 1 fork", "lost 1 exit", "lost 2 all resynced"])
  }

  @Test func `a loss in the last look at the ring is told before the end`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.port.lose(NST_KIND_FORK)
    _ = try stream.next(2)
    stream.finds(.seen(1))
    #expect(try stream.next(3) == [[], ["task 1"], []])
    stream.port.during(.takeRing) { $0.lose(NST_KIND_FORK) }
    #expect(try stream.next().last == "begin")
  }

  @Test func `a task that exits during the walk ends by its exit`() throws {
    let stream = try ScriptedStream(following: 1, 2)
    stream.happens(.unshare(2, [.uts: 101]))
    _ = try stream.next()
    stream.port.lose(NST_KIND_FORK)
    _ = try stream.next(2)
    stream.finds(.seen(1))
    stream.happens(during: .takeWalk, .exit(2))
    #expect(try stream.untilLive() == [[], ["task 1"], ["exit 2"], ["end 1"]])
    #expect(
      stream.takeLines() == [
        "create unshare uts 2: 101 <- 2", "lost 1 fork", "destroy exit uts 2: 101",
        "lost 1 all resynced",
      ])
  }

  @Test func `a task whose exit was lost ends with the walk`() throws {
    let stream = try ScriptedStream(following: 1, 2)
    stream.happens(.unshare(2, [.uts: 101]))
    _ = try stream.next()
    stream.port.lose(NST_KIND_EXIT)
    _ = try stream.next(2)
    stream.finds(.seen(1))
    _ = try stream.untilLive()
    #expect(
      stream.takeLines() == [
        "create unshare uts 2: 101 <- 2", "lost 1 exit", "destroy resync uts 2: 101",
        "lost 1 all resynced",
      ])
  }
}
