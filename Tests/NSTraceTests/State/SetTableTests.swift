// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

@Suite struct SetTableTests {
  private static func slots(_ number: Int) -> SetTable.Slots {
    var slots = SetTable.Slots()
    for slot in 0..<10 { slots[slot] = UInt32(slot) }
    slots[1] = UInt32(number)
    return slots
  }

  /// What the kernel would tell of them.
  private static func told(_ number: Int) -> nst_set {
    var set = nst_set.host()
    set[.uts].inum = UInt32(number)
    return set
  }

  @Test func `a set is new with its first task and gone with its last`() {
    var table = SetTable()
    let first = table.addTask(in: Self.slots(20), told: Self.told(20))
    let second = table.addTask(in: Self.slots(20), told: Self.told(20))
    table.addTask(first.id)
    #expect(first.isNew && !second.isNew)
    #expect(first.id == second.id)
    #expect(table.tasks(in: first.id) == 3)
    #expect(table[first.id] == Self.slots(20))
    let last = (1...3).map { _ in table.removeTask(first.id) }
    #expect(last == [false, false, true])
    #expect(table.count == 0)
    let again = table.addTask(in: Self.slots(20), told: Self.told(20))
    #expect(again.isNew)
  }

  @Test func `a noted set is found by what the kernel told of it, while it has tasks`() {
    var table = SetTable()
    var labelled = Self.slots(20)
    labelled[SetTable.labelLane] = 3
    labelled[SetTable.sessionLane] = 4
    labelled[SetTable.confinementLane] = 5
    let set = table.addTask(in: labelled, told: Self.told(20)).id
    #expect(table.recent(told: Self.told(20)) == nil)
    table.note(set, told: Self.told(20))
    #expect(table.recent(told: Self.told(20)) == Self.slots(20))
    #expect(table.recent(told: Self.told(21)) == nil)
    let isMoved = table.replace(set, by: Self.slots(21), told: Self.told(21))
    #expect(isMoved)
    #expect(table.recent(told: Self.told(20)) == nil)
    table.note(set, told: Self.told(21))
    let isLast = table.removeTask(set)
    #expect(isLast)
    #expect(table.recent(told: Self.told(21)) == nil)
  }

  @Test func `the unknown set counts nobody`() {
    var table = SetTable()
    table.addTask(SetTable.ID.unknown)
    let isLast = table.removeTask(.unknown)
    #expect(!isLast)
    let isReplaced = table.replace(.unknown, by: Self.slots(20), told: Self.told(20))
    #expect(!isReplaced)
    #expect(table.count == 0)
    let differing = Array(table.slots(of: .unknown, differingFrom: Self.told(20)))
    #expect(differing == NamespaceSlot.allCases)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `as a dictionary would have it`(_ seed: UInt64) {
    var random = RandomStream(seed: seed)
    var table = SetTable()
    var truth: [Int: (id: SetTable.ID, tasks: Int)] = [:]
    for _ in 0..<10_000 {
      let number = random.below(50)
      if random.chance(55) {
        let (id, isNew) = table.addTask(in: Self.slots(number), told: Self.told(number))
        #expect(isNew == (truth[number] == nil), "seed \(seed)")
        truth[number] = (id, (truth[number]?.tasks ?? 0) + 1)
      } else if let (id, tasks) = truth[number], random.chance(50) {
        let other = random.below(50)
        let isReplaced = table.replace(id, by: Self.slots(other), told: Self.told(other))
        #expect(isReplaced == (tasks == 1 && truth[other] == nil), "seed \(seed)")
        if isReplaced {
          truth[number] = nil
          truth[other] = (id, tasks)
        }
      } else if let (id, tasks) = truth[number] {
        let isLast = table.removeTask(id)
        #expect(isLast == (tasks == 1), "seed \(seed)")
        truth[number] = tasks == 1 ? nil : (id, tasks - 1)
      }
      #expect(table.count == truth.count, "seed \(seed)")
    }
    for (number, (id, tasks)) in truth {
      #expect(table[id] == Self.slots(number), "seed \(seed)")
      #expect(table.slots(of: id, differingFrom: Self.told(number)).isEmpty, "seed \(seed)")
      let differing = Array(table.slots(of: id, differingFrom: Self.told(number + 1)))
      #expect(differing == [.uts], "seed \(seed)")
      #expect(table.tasks(in: id) == tasks, "seed \(seed)")
    }
  }
}
