// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct StayTableTests {
  private static let container = [ContainerMention(ContainerList([.init(ContainerID("5")!)]))]

  private func task(_ tid: UInt32, tgid: UInt32 = 4) -> TaskTable.Entry {
    TaskTable.Entry(tid: tid, tgid: tgid, startNs: UInt64(tid))
  }

  private func seen(_ table: borrowing StayTable, of tgid: UInt32, at timeNs: UInt64 = 0)
    -> [String]
  {
    var seen: [String] = []
    table.forEach(of: tgid, lasting: timeNs) {
      seen.append("\($0.tid) \($0.fromNs)-\($0.untilNs) \(table.membership(of: $0).count)")
    }
    return seen
  }

  @Test func `nothing is remembered before it begins`() {
    var table = StayTable()
    table.add(task(4), from: 1, until: 2, Self.container)
    #expect(seen(table, of: 4) == [])
  }

  @Test func `the last stay comes first, of one process only`() {
    var table = StayTable()
    table.begin(limit: 8)
    table.add(task(4), from: 1, until: 2, Self.container)
    table.add(task(9, tgid: 9), from: 1, until: 3, [])
    table.add(task(5), from: 2, until: 4, [])
    #expect(seen(table, of: 4) == ["5 2-4 0", "4 1-2 1"])
    #expect(seen(table, of: 9) == ["9 1-3 0"])
  }

  @Test func `the oldest make room`() {
    var table = StayTable()
    table.begin(limit: 3)
    for tid: UInt32 in 1...5 { table.add(task(tid), from: 0, until: UInt64(tid), Self.container) }
    #expect(seen(table, of: 4) == ["5 0-5 1", "4 0-4 1", "3 0-3 1"])
    table.add(task(9, tgid: 9), from: 0, until: 6, [])
    table.add(task(10, tgid: 9), from: 0, until: 7, [])
    table.add(task(11, tgid: 9), from: 0, until: 8, [])
    #expect(seen(table, of: 4) == [])
    #expect(seen(table, of: 9) == ["11 0-8 0", "10 0-7 0", "9 0-6 0"])
  }

  @Test func `stays that ended long before are not looked at`() {
    var table = StayTable()
    table.begin(limit: 8)
    table.add(task(4), from: 1, until: 1_000_000_000, [])
    table.add(task(5), from: 1, until: 2_000_000_000, [])
    #expect(seen(table, of: 4, at: 2_000_000_000) == ["5 1-2000000000 0"])
  }

  @Test func `a membership without stays is forgotten`() {
    var pool = MembershipPool()
    let number = pool.retain(Self.container)
    #expect(pool.retain(Self.container) == number)
    pool.release(number)
    #expect(pool[number] == Self.container)
    pool.release(number)
    #expect(pool[number] == [])
    #expect(pool.retain([]) == 0)
  }
}
