// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct StainTableTests {
  private static let dye = ContainerID(high: 0, low: 5)

  private static func namespace(_ number: Int) -> NamespaceID {
    NamespaceID(kind: .net, inum: UInt32(number), nsid: UInt64(number))
  }

  private static func full(_ count: Int) -> StainTable {
    var stains = StainTable()
    for number in 1...count { stains.add(dye, to: namespace(number), at: 0) }
    return stains
  }

  @Test func `what came and went is noted, if it is asked for`() {
    var stains = Self.full(1)
    #expect(stains.takeChanges() == [])
    stains.notesChanges = true
    let earlier = NamespaceStain(Self.dye, on: Self.namespace(3))
    stains.keep(earlier)
    stains.add(Self.dye, to: Self.namespace(2), at: 0)
    stains.add(Self.dye, to: Self.namespace(3), at: 0)
    stains.remove(Self.namespace(1))
    stains.remove(Self.namespace(3))
    #expect(
      stains.takeChanges() == [
        .came(NamespaceStain(Self.dye, on: Self.namespace(2))),
        .went(NamespaceStain(Self.dye, on: Self.namespace(1))), .went(earlier),
      ])
    #expect(stains.takeChanges() == [])
  }

  @Test func `65,536 are taken from before, and no more`() {
    var stains = StainTable()
    for number in 1...StainTable.limit + 1 {
      stains.keep(NamespaceStain(Self.dye, on: Self.namespace(number)))
    }
    #expect(stains.count == StainTable.limit)
    #expect(stains.isEarlier(Self.namespace(StainTable.limit)))
    #expect(!stains.isStained(Self.namespace(StainTable.limit + 1)))
  }

  @Test func `each stain is noted once, and not of a namespace that is gone`() {
    var stains = Self.full(2)
    stains.add(Self.dye, to: Self.namespace(1), at: 0)
    stains.remove(Self.namespace(2))
    #expect(stains.takeFresh().map(\.container) == [Self.dye])
    #expect(!stains.hasFresh)
    #expect(stains.isStain(Self.dye))
    stains.remove(Self.namespace(1))
    #expect(!stains.isStain(Self.dye))
    #expect(stains.isEmpty)
  }

  @Test func `of too many the oldest are forgotten that may be gone`() {
    var stains = Self.full(StainTable.limit + 1)
    #expect(stains.isFull)
    stains.pin(Self.namespace(1))
    let forgotten = stains.forget { $0 == Self.namespace(2) }
    #expect(forgotten == StainTable.limit / 4 + 1)
    #expect(stains.count == StainTable.limit - StainTable.limit / 4)
    #expect(stains.sorted.prefix(3) == [1, 2, StainTable.limit / 4 + 4].map(Self.namespace)[...])
    #expect(!stains.isFull)
  }

  @Test func `where all are in use none is forgotten`() {
    var stains = Self.full(StainTable.limit + 1)
    let forgotten = stains.forget { _ in true }
    #expect(forgotten == 0)
    #expect(!stains.isFull)
  }
}
