// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Foundation
import Testing

@testable import NSTrace

/// Dumps that are written without waiting.
@Suite struct DumpBacklogTests {
  private static let walk = DumpFile.encoded {
    $0.append(nst_snapshot(), kind: NST_KIND_SNAPSHOT_BEGIN)
  }

  /// A batch of one fork.
  private static func fork(at time: UInt64) -> [UInt8] {
    DumpFile.encoded { $0.append(nst_fork.make(.make(7), of: 6, at: time)) }
  }

  private static let clock = DumpFile.encoded { $0.append(nst_clock.make(realtimeOffsetNs: 6)) }

  private static func lost(_ count: UInt32, since: UInt64, at time: UInt64) -> [UInt8] {
    var lost = nst_lost()
    (lost.hdr.time_ns, lost.since_ns, lost.count) = (time, since, count)
    lost.flags = UInt16(NST_LOST_DUMP)
    return DumpFile.encoded { $0.append(lost) }
  }

  private static func readAll(_ pipe: borrowing SmallPipe, _ dump: inout LiveDump) -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let part = pipe.read()
      if part.isEmpty { return all }
      all += part
      dump.drain()
    }
  }

  @Test func `a file has the bytes that a sink writes`() throws {
    let scratch = try ScratchDirectory()
    var dump = LiveDump(try .creating(scratch.file("x")), waitingMax: 1 << 20)
    for batch in DumpFile.batches { dump.take(RecordBatch(batch)) }
    dump.finish(waiting: 0)
    #expect(dump.failure == nil && !dump.needsWalk)
    let whole = try DumpFile.write(DumpFile.batches, to: scratch.file("y"))
    #expect(try DumpFile.bytes(of: scratch.file("x")) == whole)
  }

  @Test func `what a sleeping reader misses is LOST in its place, and a walk follows`() throws {
    let scratch = try ScratchDirectory()
    let pipe = try SmallPipe()
    var dump = LiveDump(try pipe.file(), waitingMax: 4096)
    dump.take(RecordBatch(DumpFile.batches[0]))
    var time: UInt64 = 0
    while !dump.hasGap {
      time += 1
      dump.take(RecordBatch(Self.fork(at: time)))
    }
    let last = time
    for _ in 1...20 {
      time += 1
      dump.take(RecordBatch(Self.fork(at: time)))
    }
    dump.take(RecordBatch(Self.clock))
    #expect(dump.missing == 20 && !dump.needsWalk && dump.awaited != nil)
    var read = Self.readAll(pipe, &dump)
    #expect(dump.needsWalk && !dump.hasGap)
    dump.take(RecordBatch(Self.fork(at: time + 1)))
    let needsWalk = dump.needsWalk
    #expect(needsWalk)
    dump.take(RecordBatch(Self.walk))
    let stillNeedsWalk = dump.needsWalk
    #expect(!stillNeedsWalk)
    read += Self.readAll(pipe, &dump)
    dump.finish(waiting: 0)
    read += pipe.read()
    let (blocks, error) = try DumpFile.read(read, at: scratch.file("dump"))
    #expect(error == nil)
    let gap = Self.lost(20, since: last + 1, at: last + 20) + Self.clock
    #expect(
      blocks == Array(DumpFile.blocks[..<2]) + (1...last).map(Self.fork) + [
        gap, Self.fork(at: time + 1), Self.walk,
      ])
  }

  /// In a process of its own: the limit is a process's.
  @Test func `a full file ends with a whole block, and goes on once there is room`() async {
    await #expect(processExitsWith: .exitCode(42)) {
      let scratch = try ScratchDirectory()
      let path = scratch.file("x")
      signal(SIGXFSZ, SIG_IGN)
      let whole = try DumpFile.write(DumpFile.batches, to: scratch.file("y"))
      for limit in 0..<whole.count {
        try #require(limitFiles(to: limit))
        var dump = LiveDump(try .creating(path, overwriting: true), waitingMax: 1 << 20)
        for batch in DumpFile.batches { dump.take(RecordBatch(batch)) }
        let end = DumpFile.ends.last { $0 <= limit } ?? 0
        #expect(try DumpFile.bytes(of: path) == Array(whole[..<end]), "limit \(limit)")
        try #require(limitFiles(to: 1 << 20))
        dump.finish(waiting: 0)
        #expect(dump.failure == nil && dump.missing == 0)
        #expect(try DumpFile.bytes(of: path) == whole, "limit \(limit)")
      }
      _exit(42)
    }
  }

  @Test func `a reader that has gone closes the dump`() throws {
    signal(SIGPIPE, SIG_IGN)
    var dump = LiveDump(try Self.brokenPipe(), waitingMax: 4096)
    dump.take(RecordBatch(DumpFile.batches[0]))
    let isClosed = dump.isClosed
    #expect(isClosed)
    #expect(dump.failure?.isClosedPipe == true)
  }

  private static func brokenPipe() throws -> FileDescriptor {
    let pipe = try SmallPipe()
    return try pipe.file()
  }
}

private func limitFiles(to bytes: Int) -> Bool {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { return false }
  limit.rlim_cur = rlim_t(bytes)
  return setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0
}
