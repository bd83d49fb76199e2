// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// The golden dumps against the oracle and the laws, record by record and cut otherwise.
@Suite struct GoldenLawTests {
  @Test(arguments: GoldenTests.kernels)
  func `the oracle says of a golden dump what the tracker says`(_ kernel: String) throws {
    var oracle = NaiveTracker()
    var decoder = EventDecoder()
    for record in try records(of: kernel) {
      try decoder.decode(record.span.bytes, into: &oracle)
    }
    let tracker = try track(records(of: kernel))
    #expect(tracker.sink.events.count > 40)
    #expect(tracker.sink.events == oracle.events)
    #expect(Set(tracker.state.namespaces.sorted.map(\.id)) == Set(oracle.users.keys))
    #expect(tracker.state.checkInvariants() == [])
  }

  @Test(arguments: GoldenTests.kernels)
  func `laws 1, 2 and 3 hold in a golden dump`(_ kernel: String) throws {
    var tracer = Tracer(Tracker(sink: CollectingSink()))
    var laws: RecordLaws?
    for record in try records(of: kernel) {
      try tracer.process(RecordBatch(record))
      let inUse = Set(tracer.tracker.state.namespaces.sorted.map(\.id))
      if laws == nil, tracer.tracker.phase == .following { laws = RecordLaws(inUse: inUse) }
      for event in tracer.tracker.sink.events { laws?.check(event) }
      tracer.tracker.sink.events = []
      if let laws { #expect(laws.inUse == inUse) }
    }
    #expect(laws?.broken == [])
  }

  @Test(arguments: GoldenTests.kernels)
  func `law 5: a golden dump cut anywhere`(_ kernel: String) throws {
    let records = try records(of: kernel)
    var random = RandomStream(seed: 5)
    var pieces: [[UInt8]] = [[]]
    for record in records {
      if random.chance(10) { pieces.append([]) }
      pieces[pieces.count - 1] += record
    }
    let single = try track(records)
    let cut = try track(pieces)
    #expect(single.sink.events == cut.sink.events)
    #expect(single.state.taskSummaries == cut.state.taskSummaries)
  }

  private func track(_ batches: [[UInt8]]) throws -> Tracker<CollectingSink> {
    var tracker = Tracker(sink: CollectingSink())
    var decoder = EventDecoder()
    for batch in batches { try decoder.decode(batch.span.bytes, into: &tracker) }
    return tracker
  }

  /// The dump's records, one by one.
  private func records(of kernel: String) throws -> [[UInt8]] {
    var source = DumpSource(try .reading(Fixture.path("linux-\(kernel).nsdump")))
    var batch = RecordBatch()
    var records: [[UInt8]] = []
    while try source.next(into: &batch) == .records {
      batch.withBytes { bytes in
        var rest = [UInt8](bytes)[...]
        while rest.count >= 8 {
          // The size stands behind kind and flags.
          let size = rest.dropFirst(4).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
          records.append(Array(rest.prefix(size)))
          rest = rest.dropFirst(max(size, 8))
        }
      }
    }
    return records
  }
}
