// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// What `--verify` waits for, and what it does to the stream.
@Suite struct StreamVerificationTests {
  @Test func `none begins before the first walk is over`() throws {
    let stream = ScriptedStream()
    #expect(try !stream.beginVerification())
    _ = try stream.next()
    #expect(try !stream.beginVerification())
    #expect(stream.port.walks == [true])
    _ = try stream.untilLive()
    #expect(try stream.beginVerification())
    #expect(stream.port.walks == [true, false])
  }

  @Test func `its walk is beside the stream, which goes on`() throws {
    let stream = try ScriptedStream(following: 1, 2)
    #expect(try stream.beginVerification())
    stream.finds(.seen(1))
    stream.finds(.seen(2))
    #expect(try stream.verify() == ["task 1"])
    stream.happens(.fork(1, 3))
    #expect(try stream.next() == ["fork 1 3"])
    #expect(try stream.verify() == ["task 2"])
    #expect(try stream.verify() == [])
    #expect(try stream.next() == [])
    #expect(stream.isCaughtUp)
  }

  @Test func `a loss ends it, for the stream walks itself`() throws {
    let stream = try ScriptedStream(following: 1)
    #expect(try stream.beginVerification())
    stream.finds(.seen(1))
    stream.port.lose(NST_KIND_FORK)
    _ = try stream.next()
    #expect(try stream.verify() == nil)
    #expect(try !stream.beginVerification())
    #expect(try stream.next().last == "begin")
    stream.finds(.seen(1))
    // Nothing of it is taken by the verification that was under way.
    #expect(try stream.verify() == nil)
    #expect(try stream.untilLive() == [[], ["task 1"], [], ["end 1"]])
  }

  @Test func `where the state is wrong the stream walks again, with nothing lost`() throws {
    let stream = try ScriptedStream(following: 1, 2)
    stream.assembler.rebuild()
    stream.happens(.fork(1, 3))
    #expect(try stream.next(2) == [["fork 1 3"], ["begin"]])
    stream.finds(.seen(1), .seen(2, [.uts: 101], start: 2), .seen(3))
    #expect(
      try stream.untilLive() == [[], ["task 1", "task 2", "task 3"], [], ["end 3"]])
    #expect(stream.takeLines() == ["create resync uts 2: 101 <- 2"])
  }

  @Test func `a walk of the stream's own is not begun anew`() throws {
    let stream = try ScriptedStream(following: 1)
    stream.port.lose(NST_KIND_FORK)
    _ = try stream.next(2)
    stream.assembler.rebuild()
    stream.finds(.seen(1))
    #expect(try stream.untilLive() == [[], ["task 1"], [], ["end 1"]])
    #expect(stream.port.walks == [true, true])
  }
}
