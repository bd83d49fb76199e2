// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing

/// What damage may do: be noticed, or give wrong records. Never a crash.
@Suite struct FuzzTests {
  static let seeds: [UInt64] = [1, 2, 3, 0x5eed, .max]

  @Test func `two million random bytes end in errors, not in a crash`() {
    let seed: UInt64 = 20_261_122
    var random = FuzzGenerator(seed: seed)
    var (bytes, errors, batches) = (0, 0, 0)
    while bytes < 2_000_000 {
      let batch = random.bytes(Int.random(in: 1...4096, using: &random))
      bytes += batch.count
      batches += 1
      if ReceivingHandler.decode(batch).error != nil { errors += 1 }
    }
    #expect(errors == batches, "seed \(seed)")
  }

  /// Headers that hold together, so that the bodies are reached.
  @Test(arguments: seeds) func `random bodies give no more than they hold`(_ seed: UInt64) {
    var random = FuzzGenerator(seed: seed)
    var (delivered, refused, wrong) = (0, 0, 0)
    for _ in 0..<1000 {
      var record = random.bytes(8 * Int.random(in: 2...80, using: &random))
      record.store(UInt16.random(in: 0...70, using: &random), at: 0)
      record.store(UInt32(record.count), at: 4)
      let (records, error) = ReceivingHandler.decode(record)
      if records.count != (error == nil ? 1 : 0) { wrong += 1 }
      if records.contains(where: { $0.texts.joined().count > record.count }) { wrong += 1 }
      if error == nil { delivered += 1 } else { refused += 1 }
    }
    #expect(wrong == 0, "seed \(seed)")
    #expect(delivered > 50 && refused > 50, "seed \(seed): both must happen")
  }

  @Test(arguments: seeds) func `records in an absurd order stop no tracker`(_ seed: UInt64) throws {
    var stream = FuzzStream(seed: seed)
    var tracker = Tracker(sink: FormattingSink())
    var decoder = EventDecoder()
    for record in stream.records(3000) {
      try decoder.decode(record.span.bytes, into: &tracker)
    }
    #expect(decoder.records == 3004, "seed \(seed)")
    #expect(tracker.sink.lines > tracker.sink.events / 8, "seed \(seed)")
    #expect(tracker.state.taskCount < 8, "seed \(seed)")
  }

  @Test(arguments: seeds) func `flipped bytes stop no tracker`(_ seed: UInt64) {
    var stream = FuzzStream(seed: seed)
    var random = FuzzGenerator(seed: seed)
    var tracker = Tracker(sink: FormattingSink())
    var decoder = EventDecoder()
    var errors = 0
    for record in stream.records(3000) {
      var damaged = record
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let place = Int.random(in: 0..<damaged.count, using: &random)
        damaged[place] ^= UInt8.random(in: 1...255, using: &random)
      }
      do throws(WireError) {
        try decoder.decode(damaged.span.bytes, into: &tracker)
      } catch {
        errors += 1
      }
    }
    #expect(errors > 0 && decoder.records > 1500, "seed \(seed): both must happen")
    #expect(tracker.sink.events > 0, "seed \(seed)")
  }
}
