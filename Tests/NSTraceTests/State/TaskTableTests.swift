// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct TaskTableTests {
  private static func entry(_ tid: UInt32, startNs: UInt64 = 0) -> TaskTable.Entry {
    TaskTable.Entry(tid: tid, tgid: tid, startNs: startNs)
  }

  @Test func `an empty table knows nobody`() {
    let table = TaskTable()
    #expect(table.count == 0)
    #expect(table.find(0) == nil)
    #expect(table.find(1) == nil)
    #expect(table.sorted.isEmpty)
  }

  @Test func `tid 0 is nobody, in a table that is not empty too`() {
    var table = TaskTable()
    table.insert(Self.entry(1))
    #expect(table.find(0) == nil)
  }

  @Test func `an entry can be changed where it stands`() throws {
    var table = TaskTable()
    table.insert(Self.entry(7))
    let found = table.find(7)
    let index = try #require(found)
    table[index].asOfNs = 99
    #expect(table.sorted.map(\.asOfNs) == [99])
  }

  @Test func `it grows, and keeps everyone`() {
    var table = TaskTable()
    for tid in UInt32(1)...5_000 { table.insert(Self.entry(tid, startNs: UInt64(tid) * 3)) }
    #expect(table.count == 5_000)
    #expect(table.sorted.map(\.tid) == Array(1...5_000))
    #expect(
      (UInt32(1)...5_000).allSatisfy { tid in
        table.find(tid).map { table[$0].startNs } == UInt64(tid) * 3
      })
    #expect(table.find(5_001) == nil)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `as a dictionary would have it`(_ seed: UInt64) {
    var random = RandomStream(seed: seed)
    var table = TaskTable()
    var truth: [UInt32: UInt64] = [:]
    for step in 0..<20_000 {
      // So many that probes are long and wrap around, and that it grows once.
      let tid = UInt32(random.below(900)) + 1
      if let index = table.find(tid) {
        #expect(table[index].startNs == truth[tid], "seed \(seed)")
        table.remove(at: index)
        truth[tid] = nil
      } else {
        #expect(truth[tid] == nil, "seed \(seed)")
        table.insert(Self.entry(tid, startNs: UInt64(step)))
        truth[tid] = UInt64(step)
      }
      #expect(table.count == truth.count, "seed \(seed)")
    }
    #expect(table.sorted.map(\.tid) == truth.keys.sorted(), "seed \(seed)")
    #expect(table.sorted.allSatisfy { truth[$0.tid] == $0.startNs }, "seed \(seed)")
  }
}
