// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct NamespaceTableTests {
  private static func id(_ inum: Int) -> NamespaceID {
    NamespaceID(kind: .net, inum: UInt32(inum), nsid: 0)
  }

  /// Uses a namespace and lets it go.
  private static func visit(_ inum: Int, in table: inout NamespaceTable) {
    let index = table.intern(id(inum))
    table.addUser(index)
    let isLast = table.removeUser(index)
    #expect(isLast)
  }

  @Test func `a namespace is in use from its first user to its last`() {
    var table = NamespaceTable()
    let index = table.intern(Self.id(1))
    #expect(table[index].users == 0)
    table.addUser(index)
    table.addUser(index)
    #expect(table.used == 1)
    let isFirstLast = table.removeUser(index)
    #expect(!isFirstLast)
    #expect(table[index].users > 0)
    let isSecondLast = table.removeUser(index)
    #expect(isSecondLast)
    #expect(table[index].users == 0)
    #expect(table.used == 0)
    #expect(table.find(Self.id(1)) == index)
  }

  @Test func `beyond the limit exactly the one unused for longest is forgotten`() {
    var table = NamespaceTable()
    let limit = NamespaceTable.tombstoneLimit
    for inum in 1...limit { Self.visit(inum, in: &table) }
    #expect(table.count == limit)
    #expect(table.find(Self.id(1)) != nil)
    Self.visit(limit + 1, in: &table)
    Self.visit(limit + 2, in: &table)
    #expect(table.count == limit)
    #expect(table.unused == (3...limit + 2).map(Self.id))
    #expect(table.find(Self.id(2)) == nil)
  }

  @Test func `one that comes and goes pushes no other out`() {
    var table = NamespaceTable()
    Self.visit(1, in: &table)
    for _ in 0...NamespaceTable.tombstoneLimit { Self.visit(2, in: &table) }
    #expect(table.unused == [1, 2].map(Self.id))
  }

  @Test func `one in use is not forgotten, however many come after it`() {
    var table = NamespaceTable()
    Self.visit(1, in: &table)
    let index = table.intern(Self.id(1))
    table.addUser(index)
    for inum in 2...NamespaceTable.tombstoneLimit + 2 { Self.visit(inum, in: &table) }
    #expect(table.find(Self.id(1)) == index)
    #expect(table[index].users > 0)
    #expect(table.find(Self.id(2)) == nil)
  }

  @Test func `places are used again, so that memory is bounded`() {
    var table = NamespaceTable()
    var places: Set<NamespaceTable.Index> = []
    for inum in 1...3 * NamespaceTable.tombstoneLimit {
      places.insert(table.intern(Self.id(inum)))
      Self.visit(inum, in: &table)
    }
    #expect(places.count == NamespaceTable.tombstoneLimit + 1)
  }

  @Test func `a forgotten one begins anew`() {
    var table = NamespaceTable()
    let index = table.intern(Self.id(1))
    table.beginGeneration(of: index)
    table.beginGeneration(of: index)
    Self.visit(1, in: &table)
    #expect(table[index].generation == 2)
    for inum in 2...NamespaceTable.tombstoneLimit + 1 { Self.visit(inum, in: &table) }
    let again = table.intern(Self.id(1))
    #expect(table[again].generation == 0)
  }

  @Test func `with an ns_id there are no generations`() {
    var table = NamespaceTable()
    let index = table.intern(NamespaceID(kind: .net, inum: 1, nsid: 5))
    table.beginGeneration(of: index)
    #expect(table[index].generation == 0)
  }

  @Test func `those in use are sorted by kind, inode number and ns_id`() {
    var table = NamespaceTable()
    let ids = [(NamespaceKind.mnt, 9, 0), (.uts, 2, 0), (.time, 1, 3), (.time, 1, 4)].map {
      NamespaceID(kind: $0.0, inum: $0.1, nsid: $0.2)
    }
    for id in ids.reversed() { table.addUser(table.intern(id)) }
    Self.visit(7, in: &table)
    #expect(table.sorted.map(\.id) == ids)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `as a dictionary would have it`(_ seed: UInt64) {
    var random = RandomStream(seed: seed)
    var table = NamespaceTable()
    var users: [NamespaceID: Int] = [:]
    for _ in 0..<5_000 {
      let id = Self.id(random.below(40))
      if random.chance(50) {
        table.addUser(table.intern(id))
        users[id, default: 0] += 1
      } else if let count = users[id], let index = table.find(id) {
        let isLast = table.removeUser(index)
        #expect(isLast == (count == 1), "seed \(seed)")
        users[id] = count == 1 ? nil : count - 1
      }
      #expect(table.used == users.count, "seed \(seed)")
    }
    #expect(Set(table.sorted.map(\.id)) == Set(users.keys), "seed \(seed)")
  }
}
