// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct PlaceTableTests {
  @Test func `a hash is of the words that are counted, and of their order`() {
    let table = PlaceTable()
    let words: SIMD8<UInt64> = [1, 2, 3, 0, 0, 0, 0, 0]
    #expect(table.hash(words, count: 2) == table.hash([1, 2, 9, 9, 0, 0, 0, 0], count: 2))
    #expect(table.hash(words, count: 2) != table.hash([2, 1, 3, 0, 0, 0, 0, 0], count: 2))
    #expect(table.hash(words, count: 2) != table.hash(words, count: 3))
  }

  /// Hashes of so few values that most places share one, that runs wrap round, and that it grows.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `as a dictionary would have it`(_ seed: UInt64) {
    var random = RandomStream(seed: seed)
    var table = PlaceTable()
    var truth: [UInt32: UInt32] = [:]
    for _ in 0..<20_000 {
      let place = UInt32(random.below(300))
      let hash = place % 7 == 0 ? UInt32.max : place % 50 &* 0x0101_0101
      if truth[place] == nil {
        table.insert(hash, place)
        truth[place] = hash
      } else {
        table.remove(hash, place)
        truth[place] = nil
      }
      #expect(table.count == truth.count, "seed \(seed)")
      let asked = UInt32(random.below(300))
      let found = table.find(asked % 7 == 0 ? .max : asked % 50 &* 0x0101_0101) { $0 == asked }
      #expect(found == (truth[asked] == nil ? nil : asked), "seed \(seed)")
    }
    #expect(truth.allSatisfy { place, hash in table.find(hash) { $0 == place } == place })
  }
}
