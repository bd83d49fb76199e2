// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// Whether a namespace that no task uses still exists.
@Suite struct StreamAnswerTests {
  private static let millisecond: UInt64 = 1_000_000

  private static func uts(_ inum: UInt32) -> NamespaceID {
    NamespaceID(kind: .uts, inum: inum, nsid: 0)
  }

  private static func waiting(_ inums: ClosedRange<UInt32>, since time: UInt64 = 100)
    -> [WaitingNamespace]
  {
    inums.map { WaitingNamespace(id: uts($0), sinceNs: time) }
  }

  private static func asking() throws -> ScriptedStream {
    let stream = try ScriptedStream(following: 1) { $0.answersNsfs = true }
    stream.time = 100
    return stream
  }

  @Test func `one that is gone is told at once, behind what was read`() throws {
    let stream = try Self.asking()
    stream.assembler.answer(Self.waiting(101...101))
    stream.happens(.fork(1, 2))
    #expect(try stream.next(2) == [["fork 1 2", "pinned 101 no"], []])
  }

  @Test func `one that is there is told after 200 ms, for it may only not be freed yet`() throws {
    let stream = try Self.asking()
    stream.port.kept = [Self.uts(101)]
    stream.time = 100 + 200 * Self.millisecond - 1
    stream.assembler.answer(Self.waiting(101...101))
    #expect(try stream.next() == [])
    stream.time += 1
    stream.assembler.answer(Self.waiting(101...101))
    #expect(try stream.next() == ["pinned 101 yes"])
  }

  @Test func `where the kernel reports what is freed, silence means that it is there`() throws {
    let stream = try ScriptedStream(following: 1) {
      $0.host.record.hooks = UInt32(NST_HOOK_FREED)
    }
    stream.time = 99 + 200 * Self.millisecond
    stream.assembler.answer(Self.waiting(101...101))
    #expect(try stream.next() == [])
    stream.time += 1
    stream.assembler.answer(Self.waiting(101...101))
    #expect(try stream.next() == ["pinned 101 yes"])
    #expect(stream.port.asked == [])
  }

  @Test func `where the kernel has skipped such a report, silence means nothing`() throws {
    let stream = try ScriptedStream(following: 1) {
      $0.host.record.hooks = UInt32(NST_HOOK_FREED)
    }
    stream.time = 100 + 200 * Self.millisecond
    stream.port.skip(NST_KIND_FREED)
    stream.assembler.answer(Self.waiting(101...101))
    #expect(try stream.next() == ["pinned 101 unknown"])
  }

  @Test func `256 are asked about at once, and the next time those that follow`() throws {
    let stream = try Self.asking()
    let waiting = Self.waiting(1001...1300)
    stream.assembler.answer(waiting)
    #expect(try stream.next().count == 256)
    stream.assembler.answer(waiting)
    #expect(try stream.next().count == 256)
    let inums = stream.port.asked.map(\.inum)
    #expect(inums == Array(1001...1256) + Array(1257...1300) + Array(1001...1212))
  }

  @Test func `nobody is asked while answers are still to be handed out`() throws {
    let stream = try Self.asking()
    stream.assembler.answer(Self.waiting(101...101))
    stream.assembler.answer(Self.waiting(101...101))
    #expect(stream.port.asked == [Self.uts(101)])
    #expect(try stream.next(2) == [["pinned 101 no"], []])
  }

  @Test func `an answer waits for the end of a gap`() throws {
    let stream = try Self.asking()
    stream.assembler.answer(Self.waiting(101...101))
    stream.port.lose(NST_KIND_FORK)
    #expect(try stream.next() == [])
    #expect(try stream.next().last == "begin")
    #expect(try stream.untilLive() == [[], ["end 0"]])
    #expect(try stream.next() == ["pinned 101 no"])
  }
}
