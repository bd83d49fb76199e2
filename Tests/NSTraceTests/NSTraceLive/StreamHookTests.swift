// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// Programs that the kernel skips, or stops.
@Suite struct StreamHookTests {
  private static let second: UInt64 = 1_000_000_000

  /// Looked at in second 10, when all was well.
  private static func stream(prepare: (ScriptedPort) -> Void = { _ in }) throws -> ScriptedStream {
    let stream = try ScriptedStream(following: 1, prepare: prepare)
    stream.time = 10 * second
    #expect(try stream.next() == [])
    return stream
  }

  @Test func `skipped programs are told behind what was read, and a walk follows`() throws {
    let stream = try Self.stream()
    stream.time = 12 * Self.second
    stream.port.skip(NST_KIND_SWITCH, 3)
    stream.happens(.fork(1, 2))
    #expect(try stream.next() == ["fork 1 2"])
    stream.happens(.fork(1, 3))
    // The ring is not full: what it holds may come behind.
    #expect(try stream.next() == ["lost 3 switch since 10000000000 skipped", "begin"])
    #expect(try stream.next() == ["fork 1 3"])
    #expect(stream.takeNotices() == [.skips])
    #expect(stream.takeNotices() == [])
  }

  @Test func `skips soon after a walk wait for the next, and the reader wakes for it`() throws {
    let stream = try Self.stream()
    stream.time = 12 * Self.second
    stream.port.skip(NST_KIND_SWITCH)
    _ = try stream.next(2)
    _ = try stream.untilLive()
    stream.time += Self.second / 2
    stream.port.skip(NST_KIND_SWITCH)
    #expect(try stream.next() == [])
    #expect(stream.isLive)
    #expect(stream.patience(byFexit: false) == 500)
    stream.time += Self.second
    #expect(try stream.next(2).last == ["lost 1 switch since 12000000000 skipped", "begin"])
    #expect(stream.patience(byFexit: false) == nil)
    #expect(stream.patience(byFexit: true) == 500)
  }

  @Test func `programs that stop are told at once, and a walk follows when they run`() throws {
    let stream = try Self.stream()
    stream.time = 12 * Self.second
    stream.port.hooks.fexitRuns = false
    stream.happens(.fork(1, 2))
    #expect(
      try stream.next() == [
        "lost 1 switch since 10000000000 off", "lost 1 freed since 10000000000 off", "fork 1 2",
      ])
    #expect(stream.isLive)
    stream.time += Self.second
    stream.port.hooks.fexitRuns = true
    #expect(try stream.next(2) == [[], ["begin"]])
    #expect(stream.takeNotices() == [.ftraceIsOff, .ftraceIsOn])
  }

  @Test func `programs that stop are replaced where that is allowed, and a walk follows`() throws {
    let stream = try Self.stream { $0.canFallBack = true }
    stream.time = 12 * Self.second
    stream.port.hooks.fexitRuns = false
    #expect(
      try stream.next(2) == [
        [],
        [
          "lost 1 switch since 10000000000 off", "lost 1 freed since 10000000000 off", "begin",
        ],
      ])
    #expect(stream.takeNotices() == [.ftraceIsOff, .fallsBack])
    #expect(stream.patience(byFexit: true) == nil)
  }

  @Test func `that they cannot be replaced is said once`() throws {
    let error = SystemError("look at the return of system calls", errno: EPERM)
    let stream = try Self.stream {
      $0.canFallBack = true
      $0.fallBackError = error
    }
    for isOn in [false, true, false] {
      stream.time += Self.second
      stream.port.hooks.fexitRuns = isOn
      _ = try stream.next(2)
      _ = try stream.untilLive()
    }
    #expect(
      stream.takeNotices() == [
        .ftraceIsOff, .cannotFallBack(error), .ftraceIsOn, .ftraceIsOff,
      ])
  }

  @Test func `that their state cannot be read is said once`() throws {
    let stream = try Self.stream()
    stream.port.canReadHooks = false
    for _ in 1...2 {
      stream.time += Self.second
      #expect(try stream.next() == [])
    }
    #expect(stream.takeNotices() == [.cannotLook])
    stream.port.canReadHooks = true
    stream.port.skip(NST_KIND_SWITCH)
    stream.time += Self.second
    _ = try stream.next(2)
    _ = try stream.untilLive()
    #expect(stream.takeNotices() == [.skips])
    stream.port.canReadHooks = false
    stream.time += Self.second
    #expect(try stream.next() == [])
    #expect(stream.takeNotices() == [])
  }

  @Test func `it is looked no more than twice a second`() throws {
    let stream = try Self.stream()
    stream.port.skip(NST_KIND_SWITCH)
    stream.time += 499_999_999
    #expect(try stream.next(2) == [[], []])
    stream.time += 1
    #expect(try stream.next(2).last?.last == "begin")
  }
}

extension ScriptedStream {
  fileprivate func takeNotices() -> [HookNotice] { assembler.hooks.takeNotices() }

  /// How soon a reader looks again: milliseconds.
  fileprivate func patience(byFexit: Bool) -> Int32? {
    assembler.hooks.patienceMilliseconds(byFexit: byFexit)
  }
}
