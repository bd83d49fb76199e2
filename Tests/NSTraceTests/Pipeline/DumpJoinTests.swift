// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

@Suite struct DumpJoinTests {
  private static let offset: Int64 = 1_700_000_000_000_000_000

  /// A step at a time in milliseconds.
  private static func at(_ ms: UInt64, _ step: History.Step) -> History.Step {
    .at(ms * 1_000_000, step)
  }

  private static let host = History.Step { run in
    run.append(
      nst_host.make(NamespacePlace.initial.wire).withTail(release: 0, hostname: 4),
      tail: Array("host".utf8))
  }

  /// Task 2 is registered at 1000, ends at 2000, and its number is used again at 3000.
  private static let steps: [History.Step] = [
    at(0, host), at(0, .clock(offset: offset)), at(500, .snapshot(1, 9)), at(600, .fork(1, 2)),
    at(1000, .register(2, "7")), at(2000, .exit(2)), at(3000, .fork(1, 2)), at(5000, .fork(1, 3)),
  ]

  private static func dump(_ steps: [History.Step], at path: String) throws -> DumpSource {
    _ = try DumpFile.write(History(steps).steps, to: path)
    return try DumpSource(path: path)
  }

  private static func question(_ pid: UInt32, _ ms: Int64) -> AnnotationQuestion {
    AnnotationQuestion(event: 1, pid: pid, timeNs: offset + ms * 1_000_000, row: 0)
  }

  @Test func `a process is what it was at the time of the event`() throws {
    let scratch = try ScratchDirectory()
    var join = try DumpJoin(
      try Self.dump(Self.steps, at: scratch.file("x")), name: "x", policy: RFCPolicy(),
      options: TrackerOptions())
    #expect(join.host?.hostname == Array("host".utf8))
    var answers: [AnnotationAnswer] = []
    for (pid, ms) in [(2, 700), (2, 1500), (2, 1999), (2, 2500), (2, 3500), (4, 3600)] {
      answers.append(join.answer(Self.question(UInt32(pid), Int64(ms))))
    }
    let member = AnnotationAnswer.known([
      ContainerMention(ContainerList([.init(ContainerID(high: 0, low: 7))]))
    ])
    #expect(answers == [.known([]), member, member, .unknown, .known([]), .unknown])
  }

  @Test func `a process that was born soon after the stamp is the event's, if nobody else is`()
    throws
  {
    let scratch = try ScratchDirectory()
    var join = try DumpJoin(
      try Self.dump(Self.steps, at: scratch.file("x")), name: "x", policy: RFCPolicy(),
      options: TrackerOptions())
    var answers: [AnnotationAnswer] = []
    for ms in [2850, 2950, 4000] as [Int64] { answers.append(join.answer(Self.question(2, ms))) }
    for ms in [4850, 4950] as [Int64] { answers.append(join.answer(Self.question(3, ms))) }
    #expect(answers == [.unknown, .known([]), .known([]), .unknown, .known([])])
  }

  @Test func `an event from before the snapshot or from behind the last record is outside`() throws
  {
    let scratch = try ScratchDirectory()
    var join = try DumpJoin(
      try Self.dump(Self.steps, at: scratch.file("x")), name: "x", policy: RFCPolicy(),
      options: TrackerOptions())
    for ms in [400, 5001] as [Int64] {
      let answer = join.answer(Self.question(1, ms))
      #expect(answer == .outside)
    }
    // The recording has been read to its end, and still knows what was.
    let answer = join.answer(Self.question(1, 4000))
    #expect(answer == .known([]))
  }

  @Test func `without a snapshot nothing can be joined`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    #expect(throws: AnnotationError.noSnapshot(dump: "x")) {
      let source = try Self.dump(Array(Self.steps[..<2]) + [.begin], at: path)
      _ = try DumpJoin(source, name: "x", policy: RFCPolicy(), options: TrackerOptions())
    }
  }

  @Test func `a recording that is cut is read as far as it goes`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    let bytes = try DumpFile.write(History(Self.steps).steps, to: path)
    _ = try DumpFile.cut(bytes, to: bytes.count - 20, at: path)
    var join = try DumpJoin(
      try DumpSource(path: path), name: "x", policy: RFCPolicy(), options: TrackerOptions())
    let (inside, outside) = (
      join.answer(Self.question(1, 2000)), join.answer(Self.question(1, 4000))
    )
    #expect([inside, outside] == [.known([]), .outside])
    #expect(join.damage is DumpError)
  }
}

extension nst_host {
  fileprivate func withTail(release: UInt16, hostname: UInt16) -> nst_host {
    var host = self
    (host.release_bytes, host.hostname_bytes, host.version_bytes) = (release, hostname, 0)
    return host
  }
}
