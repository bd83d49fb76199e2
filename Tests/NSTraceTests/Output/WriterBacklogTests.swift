// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import NSTrace

/// Writers that never wait: a reader that sleeps, and a disk that is full.
@Suite struct WriterBacklogTests {
  private static let waitingMax = 1 << 18

  private static func event(_ serial: UInt64) -> AuditEvent {
    var event = SampleEvents.created
    event.serial = serial
    event.timeNs += Int64(serial) * 1_000_000
    return event
  }

  private static func lines(of serials: some Sequence<UInt64>) -> [String] {
    serials.flatMap { AuditLineFormat().lines(of: event($0)) }
  }

  private static func text(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Reads all that the writer has for its reader.
  private static func readAll(
    _ pipe: borrowing SmallPipe, _ writer: inout RecordWriter<AuditLineFormat>
  ) -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let part = pipe.read()
      if part.isEmpty { return all }
      all += part
      writer.drain()
    }
  }

  @Test func `what a sleeping reader misses is counted where it is missing`() throws {
    let pipe = try SmallPipe()
    var writer = RecordWriter(
      AuditLineFormat(), live: try pipe.file(), waitingMax: Self.waitingMax)
    var first: UInt64 = 0
    while writer.missing == 0 {
      first += 1
      writer.write(Self.event(first))
    }
    for serial in first + 1...first + 99 { writer.write(Self.event(serial)) }
    let each = UInt64(AuditLineFormat().lines(of: SampleEvents.created).count)
    #expect(writer.missing == 100 * each)
    #expect(writer.state.hasGap && !writer.state.works && writer.failure == nil)
    #expect(writer.state.awaited != nil)

    let read = Self.readAll(pipe, &writer)
    #expect(!writer.state.hasGap && writer.state.works && writer.state.awaited == nil)
    for serial in first + 100...first + 101 { writer.write(Self.event(serial)) }
    writer.flush()
    let gap = AuditEvent.lost(
      100 * each, .stdout, from: Self.event(first), to: Self.event(first + 99))
    let all = read + Self.readAll(pipe, &writer)
    let expected =
      Self.lines(of: 1..<first) + AuditLineFormat().lines(of: gap)
      + Self.lines(of: first + 100...first + 101)
    #expect(zip(Self.text(all), expected).filter { $0 != $1 }.map(\.0) == [])
    #expect(Self.text(all).count == expected.count)
    #expect(writer.records == UInt64(Self.text(all).count))
    #expect(writer.events == first + 2)
  }

  @Test func `half a line in the pipe is followed by its other half`() throws {
    let pipe = try SmallPipe()
    var writer = RecordWriter(
      AuditLineFormat(), live: try pipe.file(), waitingMax: Self.waitingMax)
    var read: [UInt8] = []
    for serial in 1...200 {
      writer.write(Self.event(UInt64(serial)))
      writer.flush()
      if serial % 7 == 0 { read += pipe.read() }
    }
    read += Self.readAll(pipe, &writer)
    #expect(Self.text(read) == Self.lines(of: 1...200))
  }

  @Test func `a reader that has gone closes the writer`() throws {
    signal(SIGPIPE, SIG_IGN)
    let writing = try Self.brokenPipe()
    var writer = RecordWriter(AuditLineFormat(), live: writing, waitingMax: Self.waitingMax)
    writer.write(Self.event(1))
    writer.flush()
    #expect(writer.state.isClosed && writer.state.isDead)
    #expect(writer.failure?.isClosedPipe == true)
    writer.write(Self.event(2))
    #expect(writer.events == 1 && writer.missing == 0)
  }

  private static func brokenPipe() throws -> FileDescriptor {
    let pipe = try SmallPipe()
    return try pipe.file()
  }

  @Test func `the end waits for a reader, and no longer than it was told`() throws {
    let pipe = try SmallPipe()
    var writer = RecordWriter(
      AuditLineFormat(), live: try pipe.file(), waitingMax: Self.waitingMax)
    for serial in 1...20 { writer.write(Self.event(UInt64(serial))) }
    writer.finish(waiting: 1)
    #expect(writer.failure?.errno == ETIMEDOUT)
    let read = pipe.read()
    #expect(read.count == SmallPipe.capacity)
  }
}

// MARK: - Logs

extension WriterBacklogTests {
  private static func log(
    _ path: String, _ set: (inout LogLimits) -> Void = { _ in }
  ) throws -> RecordWriter<AuditLineFormat> {
    var limits = LogLimits()
    set(&limits)
    return try RecordWriter(
      AuditLineFormat(), log: LogSegments(path: path, keep: limits.keep), limits,
      waitingMax: waitingMax)
  }

  @Test func `a new file gets what a full one did not take, and the count of the rest`() throws {
    let scratch = try ScratchDirectory()
    var writer = try Self.log("/dev/full")
    var serial: UInt64 = 0
    repeat {
      serial += 1
      writer.write(Self.event(serial))
    } while writer.missing == 0
    #expect(writer.failure == SystemError("write to /dev/full", errno: ENOSPC))
    #expect(
      !writer.state.isDead && !writer.state.isClosed && !writer.state.works
        && writer.state.awaited == nil)
    writer.reopen(try .appending(scratch.file("log")))
    #expect(writer.failure == nil && writer.state.works)
    writer.write(Self.event(serial + 1))
    writer.flush()
    let gap = AuditEvent.lost(
      writer.missing, .log, from: Self.event(serial), to: Self.event(serial))
    #expect(
      try Self.text(DumpFile.bytes(of: scratch.file("log"))) == Self.lines(of: 1..<serial)
        + AuditLineFormat().lines(of: gap) + Self.lines(of: [serial + 1]))
  }

  @Test func `segments have whole lines, no more bytes than the limit, and the newest first`()
    throws
  {
    let scratch = try ScratchDirectory()
    let path = scratch.file("log")
    let lines = Self.lines(of: 1...60)
    let bytes = lines.reduce(0) { $0 + $1.utf8.count + 1 }
    let limit = bytes / 4
    var writer = try Self.log(path) { ($0.segmentBytes, $0.keep) = (limit, 2) }
    for serial in 1...60 { writer.write(Self.event(UInt64(serial))) }
    writer.flush()
    let kept = try [path + ".2", path + ".1", path].map { try DumpFile.bytes(of: $0) }
    #expect(kept.allSatisfy { $0.count <= limit && $0.last == UInt8(ascii: "\n") })
    let last = Self.text(kept.reduce([], +))
    #expect(last == lines.suffix(last.count))
    #expect(last.count > lines.count / 2)
    #expect(Files.names(in: scratch.path).sorted() == ["log", "log.1", "log.2"])
    #expect(writer.missing == 0)
  }

  @Test func `a line that is longer than a segment has one of its own`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("log")
    var writer = try Self.log(path) { ($0.segmentBytes, $0.keep) = (1, 3) }
    for serial in 1...2 { writer.write(Self.event(UInt64(serial))) }
    writer.flush()
    let kept = try [".3", ".2", ".1", ""].map { try Self.text(DumpFile.bytes(of: path + $0)) }
    #expect(kept == Self.lines(of: 1...2).suffix(4).map { [$0] })
  }

  @Test func `below the space that is to stay free the log is full`() throws {
    let scratch = try ScratchDirectory()
    var writer = try Self.log(scratch.file("log")) { $0.freeBytes = .max }
    writer.write(Self.event(1))
    writer.flush()
    #expect(writer.failure?.isNoSpace == true)
    #expect(!writer.state.endsRun)
    #expect(try DumpFile.bytes(of: scratch.file("log")) == [])
  }

  @Test func `what still waits at the end is missing`() throws {
    let scratch = try ScratchDirectory()
    var writer = try Self.log(scratch.file("log")) { $0.freeBytes = .max }
    writer.write(Self.event(1))
    writer.flush()
    #expect(writer.missing == 0)
    writer.finish(waiting: 0)
    #expect(writer.missing == UInt64(Self.lines(of: 1...1).count))
    #expect(writer.records == 0)
  }

  @Test func `a log is one writer's, also after it was rotated`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("log")
    var writer = try Self.log(path) { $0.segmentBytes = 1 }
    let busy = SystemError("write to \(path), to which another process writes", errno: EBUSY)
    #expect(throws: busy) { _ = try Self.log(path).missing }
    for serial in 1...2 as ClosedRange<UInt64> { writer.write(Self.event(serial)) }
    writer.flush()
    #expect(throws: busy) { _ = try Self.log(path).missing }
    writer.finish(waiting: 0)
  }

  @Test func `a full log ends the run if it was told to`() throws {
    let scratch = try ScratchDirectory()
    var writer = try Self.log(scratch.file("log")) { ($0.freeBytes, $0.whenFull) = (.max, .stop) }
    #expect(!writer.state.endsRun)
    writer.write(Self.event(1))
    writer.flush()
    #expect(writer.state.endsRun)
  }

  @Test func `a full log removes its oldest segments, and nothing else`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("log")
    for name in ["log", "log.1", "log.3", "log.5"] {
      try Files.write([0x0a], to: scratch.file(name))
    }
    var writer = try Self.log(path) { limits in
      (limits.freeBytes, limits.whenFull) = (.max, .rotate)
    }
    writer.write(Self.event(1))
    writer.flush()
    #expect(Files.names(in: scratch.path).sorted() == ["log", "log.5"])
    #expect(writer.failure?.isNoSpace == true)
    #expect(try Files.read(path) == [0x0a])
  }

  /// In a process of its own: the limit is a process's.
  @Test func `a log that may not grow ends with a whole line, and goes on with the next`() async {
    await #expect(processExitsWith: .exitCode(42)) {
      let scratch = try ScratchDirectory()
      let path = scratch.file("log")
      signal(SIGXFSZ, SIG_IGN)
      var writer = try WriterBacklogTests.log(path)
      let lines = WriterBacklogTests.lines(of: 1...2)
      let whole = lines.joined(separator: "\n") + "\n"
      for serial in 1...2 { writer.write(WriterBacklogTests.event(UInt64(serial))) }
      try #require(limitFiles(to: whole.utf8.count / 2))
      writer.flush()
      let written = try DumpFile.bytes(of: path)
      #expect(written.last == UInt8(ascii: "\n") && !written.isEmpty)
      #expect(writer.failure == SystemError("write to \(path)", errno: EFBIG))
      try #require(limitFiles(to: 1 << 20))
      writer.finish(waiting: 0)
      #expect(try String(decoding: DumpFile.bytes(of: path), as: UTF8.self) == whole)
      #expect(writer.failure == nil && writer.missing == 0)
      _exit(42)
    }
  }

  @Test func `what another has appended is not cut off`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("log")
    let file = try FileDescriptor.appending(path)
    try file.write(Array("one\ntw".utf8))
    try FileDescriptor.appending(path).write(Array("other\n".utf8))
    let isCutWithinAnothers = file.cut(2)
    #expect(!isCutWithinAnothers)
    try file.write(Array("three\nfo".utf8))
    let isCut = file.cut(2)
    #expect(isCut)
    #expect(
      try String(decoding: DumpFile.bytes(of: path), as: UTF8.self) == "one\ntwother\nthree\n")
  }

  @Test func `a FIFO as a log does not wait for its reader`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("fifo")
    try #require(mkfifo(path, 0o600) == 0)
    let unread = SystemError("open \(path), a FIFO that nobody reads", errno: ENXIO)
    #expect(throws: unread) { _ = try Self.log(path).records }
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    var writer = try Self.log(path)
    while writer.missing == 0 { writer.write(Self.event(1)) }
    #expect(writer.failure == nil && writer.state.awaited != nil)
  }
}

private func limitFiles(to bytes: Int) -> Bool {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { return false }
  limit.rlim_cur = rlim_t(bytes)
  return setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0
}

extension AuditEvent {
  /// The event that stands for those that an output has left out.
  static func lost(
    _ records: UInt64, _ cause: LostRecord.Cause, from first: AuditEvent, to last: AuditEvent
  ) -> AuditEvent {
    var event = AuditEvent()
    (event.serial, event.timeNs, event.bootNs) = (last.serial, last.timeNs, last.bootNs)
    event.nsfsDev = last.nsfsDev
    event.lost = LostRecord(
      count: records, kind: nil, sinceNs: first.timeNs, resynced: false, cause: cause)
    return event
  }
}
