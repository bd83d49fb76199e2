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

  @Test func `a walk is known of a task until it reports, exits or its row is another's`() {
    var table = TaskTable()
    let first = table.insert(Self.entry(7))
    let second = table.insert(Self.entry(8))
    #expect([first, second].map { table.walk(at: $0) } == [0, 0])
    table.note(walk: 3, at: second)
    #expect([first, second].map { table.walk(at: $0) } == [0, 3])
    table.note(walk: 4, at: first)
    table.forgetWalk(at: second)
    #expect([first, second].map { table.walk(at: $0) } == [4, 0])
    table.remove(at: first)
    let third = table.insert(Self.entry(9))
    #expect(third == first)
    #expect(table.walk(at: third) == 0)
  }

  /// To look at all tasks costs as much as there are rows: a snapshot gives back what it frees.
  @Test func `those that are left are moved together if most have exited`() throws {
    var table = TaskTable()
    for tid in UInt32(1)...5_000 {
      var entry = Self.entry(tid, startNs: UInt64(tid) * 3)
      if tid > 4_990 { entry.tgid = 4_990 }
      let row = table.insert(entry)
      if tid == 5_000 { table.note(walk: 9, at: row) }
    }
    table.compact()
    #expect(table.room == 5_001)
    for tid in UInt32(1)..<4_990 { if let row = table.find(tid) { table.remove(at: row) } }
    table.compact()
    #expect(table.room == 12)
    #expect(table.sorted.map(\.tid) == Array(4_990...5_000))
    let threads = table.threads(of: 4_990).map { table[$0].tid }
    #expect(threads == Array(4_991...5_000))
    let last = table.find(5_000)
    let row = try #require(last)
    #expect(table.walk(at: row) == 9)
    #expect(table.find(4_989) == nil)
  }

  @Test func `an entry is 48 bytes, so that a million are few cache lines`() {
    #expect(MemoryLayout<TaskTable.Entry>.stride == 48)
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
