// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

@Suite struct PipelineTests {
  /// A header, a history in which task 2 makes a namespace and ends, and a fork.
  private static let batches = [
    DumpFile.host,
    History(.snapshot(1), .fork(1, 2), .unshare(2, [.uts: 101]), .exit(2)).steps.flatMap(\.self),
    DumpFile.encoded { $0.append(nst_fork.make(.make(7), of: 1, at: 100)) },
  ]

  @Test func `it gives what the source has, whole, to the taps and to the sink`() throws {
    let tap = CountingTap()
    var pipeline = Pipeline(from: MemorySource(Self.batches), to: FlushedSink())
    pipeline.taps = [tap]
    try pipeline.run()
    #expect(tap.batches == Self.batches)
    #expect(pipeline.sink.verbs == [.create, .destroy])
    #expect(pipeline.sink.flushes == 1)
    #expect(pipeline.host?.hostname == Array("host".utf8))
    #expect(pipeline.counters.events == 2)
  }

  @Test func `step by step it says what the source had`() throws {
    var pipeline = Pipeline(from: MemorySource(Self.batches), to: FlushedSink())
    for _ in Self.batches { #expect(try pipeline.step() == .records) }
    #expect(try pipeline.step() == .ended)
    #expect(pipeline.sink.flushes == 0)
    try pipeline.finish()
    #expect(pipeline.sink.flushes == 1)
  }

  @Test func `of a damaged dump what stands before the damage is written`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    var bad = Self.batches[2]
    bad.store(UInt32(17), at: 4)
    _ = try DumpFile.write([Self.batches[0] + Self.batches[1], bad], to: path)
    var pipeline = Pipeline(from: try DumpSource(path: path), to: FlushedSink())
    let offset = try DumpFile.bytes(of: path).count - DumpFile.closingBytes - 16 - bad.count
    let what = "\(WireError.badSize(size: 17, offset: 0))"
    #expect(throws: DumpError.damaged(name: path, offset: offset, what: what)) {
      try pipeline.run()
    }
    #expect(pipeline.sink.verbs == [.create, .destroy])
    #expect(pipeline.sink.flushes == 1)
  }

  @Test func `in memory damage is what the decoder says of it`() {
    var bad = Self.batches[2]
    bad.store(UInt32(17), at: 4)
    var pipeline = Pipeline(from: MemorySource([bad]), to: FlushedSink())
    #expect(throws: WireError.badSize(size: 17, offset: 0)) { try pipeline.run() }
  }

  @Test func `a tap that throws ends it before the tracker has the batch`() {
    let tap = CountingTap(endingAt: 2)
    var pipeline = Pipeline(from: MemorySource(Self.batches), to: FlushedSink())
    pipeline.taps = [tap]
    #expect(throws: CountingTap.End()) { try pipeline.run() }
    #expect(tap.batches == Array(Self.batches.prefix(2)))
    #expect(pipeline.sink.verbs.isEmpty)
  }
}

private struct FlushedSink: AuditEventSink {
  private var kept = CollectingSink()
  private(set) var flushes = 0
  var verbs: [NamespaceRecord.Verb] { kept.events.flatMap(\.records).map(\.verb) }

  mutating func write(_ event: borrowing AuditEvent) { kept.write(event) }
  mutating func flush() { flushes += 1 }
}

private final class CountingTap: RecordTap {
  struct End: Error, Equatable {}

  private(set) var batches: [[UInt8]] = []
  private let last: Int?

  init(endingAt last: Int? = nil) { self.last = last }

  func take(_ batch: borrowing RecordBatch) throws {
    batch.withBytes { batches.append([UInt8]($0)) }
    if batches.count == last { throw End() }
  }
}
