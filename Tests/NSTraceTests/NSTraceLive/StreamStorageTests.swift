// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// Sets that the kernel side could not keep are told once a second, and a walk mends it now and then.
@Suite struct StreamStorageTests {
  private static let second: UInt64 = 1_000_000_000

  @Test func `the first is told at once, and what follows after a second`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.time = 5 * Self.second
    stream.port.forget(3)
    #expect(try stream.next() == ["lost 3 task since 5000000000 storage"])
    stream.time += 10
    stream.port.forget()
    #expect(try stream.next() == [])
    stream.time += Self.second - 11
    #expect(try stream.next() == [])
    stream.time += 1
    stream.happens(.fork(1, 2))
    #expect(try stream.next() == ["lost 1 task since 5000000010 storage", "fork 1 2"])
    #expect(stream.takeLines() == ["lost 3 task", "lost 1 task"])
    #expect(stream.isLive)
  }

  @Test func `at the end all is told`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.port.forget()
    _ = try stream.next()
    stream.port.forget(1 << 32)
    stream.port.lose(NST_KIND_FORK)
    #expect(
      try stream.tellLosses() == [
        "lost 4294967295 task since 10 storage", "lost 1 task since 10 storage",
        "lost 1 fork since 10",
      ])
    #expect(try stream.tellLosses() == [])
  }

  @Test func `it is mended by a walk every ten seconds at most`() throws {
    let stream = try ScriptedStream(following: 1)
    let walks = stream.port.walks.count
    for _ in 0..<9 {
      stream.time += Self.second
      stream.port.forget()
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
    stream.time += 60 * Self.second
    #expect(try stream.next(3) == [[], [], []])
    #expect(stream.port.walks.count == walks + 1)
  }

  /// There is still no memory when the walk would keep them.
  @Test func `what the walk cannot keep, either, is told, and walked for again`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.time += 20 * Self.second
    stream.port.forget()
    _ = try stream.next(2)
    #expect(!stream.isLive)
    stream.port.during(.takeWalk) { $0.forget(2) }
    stream.finds(.seen(1))
    _ = try stream.untilLive()
    stream.time += Self.second
    #expect(try stream.next().first?.hasPrefix("lost 2 task since ") == true)
    #expect(stream.patience == 1000)
    stream.time += 10 * Self.second
    _ = try stream.next()
    #expect(!stream.isLive)
  }

  @Test func `while there is news the source is not left unread for long`() throws {
    let stream = try ScriptedStream(following: 1)
    #expect(stream.patience == nil)
    stream.port.forget()
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
  fileprivate var patience: Int32? { assembler.storage.patienceMilliseconds(by: port) }
}
