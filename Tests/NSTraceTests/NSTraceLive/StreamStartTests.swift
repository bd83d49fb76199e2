// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// Attached first, walked second: whatever the tasks do meanwhile, the state is right at the walk's end.
@Suite struct StreamStartTests {
  @Test func `host and clock come first, then cgroups, then tasks`() throws {
    let stream = ScriptedStream()
    stream.port.realOffsetNs = 5_000_000_000
    stream.port.cgroups = [.named("/", 1)]
    #expect(try stream.next() == ["host 6.18 tower 0.1", "clock 5000000000", "begin"])
    stream.finds(.seen(1), .seen(2))
    #expect(
      try stream.untilLive() == [[], ["cgroup 1 /"], [], ["task 1", "task 2"], [], ["end 2"]])
    #expect(stream.port.walks == [true])
    #expect(stream.tids == [1, 2])
    #expect(stream.takeLines() == [])
  }

  @Test func `what happens before the walk comes behind its beginning`() throws {
    let stream = ScriptedStream()
    stream.happens(.fork(1, 2))
    #expect(try stream.next().last == "begin")
    stream.finds(.seen(1), .seen(2))
    #expect(try stream.untilLive() == [["fork 1 2"], ["task 1", "task 2"], [], ["end 2"]])
    #expect(stream.tids == [1, 2])
  }

  @Test func `a fork behind the walk's back stands between its parts`() throws {
    let stream = ScriptedStream()
    _ = try stream.next()
    stream.finds(.seen(1))
    stream.finds(.seen(5))
    #expect(try stream.next(2) == [[], ["task 1"]])
    stream.happens(.fork(1, 2))
    #expect(try stream.untilLive() == [["fork 1 2"], ["task 5"], [], ["end 2"]])
    #expect(stream.tids == [1, 2, 5])
  }

  @Test func `a task that has forked and been found is there once`() throws {
    let stream = ScriptedStream()
    _ = try stream.next()
    stream.finds(.seen(1))
    stream.happens(.fork(1, 2))
    stream.finds(.seen(2))
    #expect(try stream.untilLive() == [["fork 1 2"], ["task 1"], [], ["task 2"], [], ["end 2"]])
    #expect(stream.tids == [1, 2])
  }

  @Test func `a task that is found before its fork is read is there once`() throws {
    let stream = ScriptedStream()
    _ = try stream.next()
    stream.happens(during: .takeWalk, .fork(1, 2))
    stream.finds(.seen(1), .seen(2))
    #expect(try stream.untilLive() == [[], ["task 1", "task 2"], ["fork 1 2"], ["end 2"]])
    #expect(stream.tids == [1, 2])
  }

  @Test func `a task that has exited before the walk comes to it is gone`() throws {
    let stream = ScriptedStream()
    _ = try stream.next()
    stream.finds(.seen(1))
    stream.happens(.fork(1, 2))
    stream.happens(during: .takeWalk, .exit(2))
    #expect(
      try stream.untilLive() == [["fork 1 2"], ["task 1"], ["exit 2"], ["end 1"]])
    #expect(stream.tids == [1])
  }

  @Test func `an exit does not overtake the walk that found the task`() throws {
    let stream = ScriptedStream()
    _ = try stream.next()
    stream.finds(.seen(1), .seen(2))
    stream.happens(during: .takeWalk, .exit(2))
    #expect(try stream.untilLive() == [[], ["task 1", "task 2"], ["exit 2"], ["end 2"]])
    #expect(stream.tids == [1])
  }

  @Test func `an exit after the walk's last part comes before its end`() throws {
    let stream = ScriptedStream()
    _ = try stream.next()
    stream.finds(.seen(1), .seen(2))
    _ = try stream.next(3)
    stream.happens(during: .takeWalk, .exit(2))
    #expect(try stream.untilLive() == [["exit 2"], ["end 2"]])
    #expect(stream.tids == [1])
  }

  @Test func `a move during the walk is not undone by what the walk saw before it`() throws {
    let stream = ScriptedStream()
    _ = try stream.next()
    stream.finds(.seen(1), .seen(2))
    stream.happens(during: .takeWalk, .unshare(2, [.uts: 101]))
    stream.happens(.exit(2))
    #expect(
      try stream.untilLive() == [["exit 2"], ["task 1", "task 2"], ["switch 2"], ["end 2"]])
  }

  @Test func `the ring is read no further than its size before the end`() throws {
    let stream = ScriptedStream(ringBytes: 80)
    _ = try stream.next()
    stream.finds(.seen(1))
    #expect(try stream.next(3) == [[], ["task 1"], []])
    for child in 2...4 as ClosedRange<UInt32> {
      stream.happens(during: .takeRing, .fork(1, child))
    }
    #expect(
      try stream.next(4) == [["fork 1 2"], ["fork 1 3"], ["end 1"], ["fork 1 4"]])
    #expect(stream.tids == [1, 2, 3, 4])
  }

  @Test func `a ring that overflows during the walk has the tasks walked over again`() throws {
    let stream = ScriptedStream(ringBytes: 100)
    _ = try stream.next()
    stream.finds(.seen(1))
    _ = try stream.next()
    stream.happens(.fork(1, 2), .fork(1, 3), .fork(1, 4))
    let lost = stream.time
    #expect(try stream.next(2) == [["task 1"], ["fork 1 2", "fork 1 3"]])
    #expect(try stream.next() == ["lost 1 fork since \(lost)", "begin"])
    stream.finds(.seen(1), .seen(2), .seen(3), .seen(4))
    #expect(
      try stream.untilLive() == [[], ["task 1", "task 2", "task 3", "task 4"], [], ["end 4"]])
    #expect(stream.port.walks == [true, true])
    #expect(stream.tids == [1, 2, 3, 4])
  }

  @Test func `after five walks with losses the stream goes on with the next loss`() throws {
    let stream = ScriptedStream()
    _ = try stream.next()
    for _ in 1...4 {
      stream.port.during(.takeWalk) { $0.lose(NST_KIND_FORK) }
      #expect(try stream.next(2) == [[], ["lost 1 fork since 0", "begin"]])
    }
    stream.port.during(.takeWalk) { $0.lose(NST_KIND_FORK) }
    #expect(try stream.next(2) == [[], ["end 0"]])
    #expect(try stream.next(3) == [[], ["lost 1 fork since 0", "begin"], []])
    #expect(stream.port.walks.count == 6)
  }

  @Test(arguments: [ScriptedPort.Call.beginWalk, .takeWalk])
  func `a walk that cannot be made is an error`(call: ScriptedPort.Call) throws {
    let stream = ScriptedStream()
    let error = SystemError("walk over the tasks", errno: EPERM)
    stream.port.during(call) { $0.walkError = error }
    var thrown: SystemError?
    do { _ = try stream.untilLive() } catch let error as SystemError { thrown = error }
    #expect(thrown == error)
  }

  @Test func `the host record says that nsfs is asked, if the kernel reports no end`() throws {
    let asking = try ScriptedStream(following: 1) { $0.answersNsfs = true }
    #expect(asking.asksNsfs)
    #expect(asking.hooks == NST_HOOK_NSFS | NST_HOOK_CENSUS)
    let told = try ScriptedStream(following: 1) {
      $0.answersNsfs = true
      $0.host.record.hooks = UInt32(NST_HOOK_FREED)
    }
    #expect(!told.asksNsfs)
    #expect(told.hooks == NST_HOOK_FREED | NST_HOOK_CENSUS)
    #expect(try ScriptedStream(following: 1).hooks == NST_HOOK_CENSUS)
  }
}

extension ScriptedStream {
  fileprivate var asksNsfs: Bool { assembler.asksNsfs }

  /// NST_HOOK_* of the HOST record.
  fileprivate var hooks: Int32? { (tracer.tracker.host?.hooks).map(Int32.init) }
}
