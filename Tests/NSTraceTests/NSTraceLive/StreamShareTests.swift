// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// What a share was held back is told once a second, and a walk mends its tasks now and then.
@Suite struct StreamShareTests {
  private static let second: UInt64 = 1_000_000_000

  @Test func `the first is told at once, and what follows after a second`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.time = 5 * Self.second
    stream.port.holdBack(NST_KIND_SWITCH, 3)
    stream.port.holdBack(NST_KIND_CLONE)
    #expect(
      try stream.next() == [
        "suppressed 3 switch of 1000 in 7 since 5000000000",
        "suppressed 1 clone of 1000 in 7 since 5000000000",
      ])
    stream.port.holdBack(NST_KIND_SWITCH)
    #expect(try stream.next() == [])
    stream.time += Self.second - 1
    #expect(try stream.next() == [])
    stream.time += 1
    stream.happens(.fork(1, 2))
    #expect(
      try stream.next() == ["suppressed 1 switch of 1000 in 7 since 5000000000", "fork 1 2"])
    #expect(stream.takeLines() == ["lost 3 switch", "lost 1 clone", "lost 1 switch"])
    #expect(stream.isLive)
  }

  @Test func `at the end all is told`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.port.holdBack(NST_KIND_SWITCH)
    _ = try stream.next()
    stream.port.holdBack(NST_KIND_SWITCH, 1 << 32)
    #expect(
      try stream.tellLosses() == [
        "suppressed 4294967295 switch of 1000 in 7 since 10",
        "suppressed 1 switch of 1000 in 7 since 10",
      ])
    #expect(try stream.tellLosses() == [])
  }

  @Test func `a flood is mended by a walk every ten seconds at most`() throws {
    let stream = try ScriptedStream(following: 1)
    let walks = stream.port.walks.count
    for _ in 0..<9 {
      stream.time += Self.second
      stream.port.holdBack(NST_KIND_SWITCH)
      #expect(try stream.next() != [])
      #expect(stream.isLive)
    }
    #expect(stream.port.walks.count == walks)
    stream.time += 2 * Self.second
    #expect(try stream.next() == [])
    #expect(!stream.isLive)
    #expect(try stream.next() == ["begin"])
    stream.finds(.seen(1, [.uts: 101]))
    _ = try stream.untilLive()
    #expect(
      stream.takeLines().suffix(2) == ["create resync uts 1: 101 <- 2", "destroy resync uts 1: 2"])
    // What was told is mended.
    stream.time += 60 * Self.second
    #expect(try stream.next(3) == [[], [], []])
    #expect(stream.port.walks.count == walks + 1)
  }

  @Test func `while there is news the source is not left unread for long`() throws {
    let stream = try ScriptedStream(following: 1)
    #expect(stream.patience == nil)
    stream.port.holdBack(NST_KIND_SWITCH)
    #expect(stream.patience == 1000)
    _ = try stream.next()
    // The walk is due.
    #expect(stream.patience == 1000)
    stream.time += 10 * Self.second
    _ = try stream.next(2)
    stream.finds(.seen(1))
    _ = try stream.untilLive()
    #expect(stream.patience == nil)
  }
}

extension ScriptedStream {
  fileprivate var patience: Int32? { assembler.shares.patienceMilliseconds(by: port) }
}
