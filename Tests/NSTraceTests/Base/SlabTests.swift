// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct SlabTests {
  @Test func `entries get rows in order`() {
    var slab = Slab<String>()
    let rows = [slab.insert("a"), slab.insert("b"), slab.insert("c")]
    let entries = rows.map { slab[$0] }
    #expect(rows == [0, 1, 2])
    #expect(entries == ["a", "b", "c"])
    #expect(slab.count == 3)
  }

  @Test func `a freed row is used again, the one that was freed last first`() {
    var slab = Slab<String>()
    for name in ["a", "b", "c"] { _ = slab.insert(name) }
    slab.remove(at: 2)
    slab.remove(at: 0)
    let (count, all) = (slab.count, slab.rows)
    #expect(count == 1)
    #expect(all == 0..<3)
    let rows = [slab.insert("d"), slab.insert("e"), slab.insert("f")]
    let entries = slab.rows.map { slab[$0] }
    #expect(rows == [0, 2, 3])
    #expect(entries == ["d", "b", "e", "f"])
    #expect(slab.count == 4)
  }

  @Test func `a freed row gives its last entry`() {
    var slab = Slab<String>()
    let row = slab.insert("a")
    slab.remove(at: row)
    #expect(slab[row] == "a")
  }

  @Test func `an entry is changed where it is`() {
    var slab = Slab(first: [1])
    slab[0].append(2)
    #expect(slab[0] == [1, 2])
    #expect(slab.count == 1)
  }

  @Test func `columns follow the rows of a slab`() {
    var names = Slab<String>()
    var ages = Rows<Int>()
    for (name, age) in [("a", 1), ("b", 2)] { ages.put(age, at: names.insert(name)) }
    names.remove(at: 0)
    ages.put(3, at: names.insert("c"))
    let table = names.rows.map { "\(names[$0]) \(ages[$0])" }
    #expect(table == ["c 3", "b 2"])
  }

  /// Entries that own memory are given back when another has their row, and with the table.
  @Test func `no entry outlives the table`() {
    final class Canary: Sendable {}
    weak var replaced: Canary?
    weak var kept: Canary?
    do {
      var slab = Slab<Canary>()
      for _ in 0..<100 {
        let canary = Canary()
        replaced = canary
        slab.remove(at: slab.insert(canary))
      }
      #expect(replaced != nil)
      let last = Canary()
      kept = last
      let row = slab.insert(last)
      #expect(row == 0)
      #expect(replaced == nil)
    }
    #expect(kept == nil)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `as a dictionary would have it`(_ seed: UInt64) {
    var random = RandomStream(seed: seed)
    var slab = Slab<UInt64>()
    var truth: [Int: UInt64] = [:]
    var most = 0
    for number in 0..<5_000 as Range<UInt64> {
      if truth.isEmpty || random.chance(55) {
        let row = slab.insert(number)
        #expect(truth.updateValue(number, forKey: row) == nil, "seed \(seed)")
      } else {
        let rows = truth.keys.sorted()
        let row = rows[random.below(rows.count)]
        truth[row] = nil
        slab.remove(at: row)
      }
      most = max(most, truth.count)
    }
    let isSame = truth.allSatisfy { slab[$0.key] == $0.value }
    #expect(isSame, "seed \(seed)")
    #expect(slab.count == truth.count, "seed \(seed)")
    #expect(slab.rows.count == most, "seed \(seed)")
  }
}
