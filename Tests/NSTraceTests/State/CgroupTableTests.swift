// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct CgroupTableTests {
  private static func key(_ id: UInt64, _ hierarchy: UInt32 = 0) -> CgroupID {
    CgroupID(hierarchy: hierarchy, id: id)
  }

  private func path(_ table: borrowing CgroupTable, _ id: UInt64) -> String? {
    table.path(of: Self.key(id)).map { String(decoding: $0.visible, as: UTF8.self) }
  }

  @Test func `a path is known until its cgroup is removed`() {
    var table = CgroupTable()
    table.insert(Self.key(7), path: BoundedText(Array("/a".utf8)))
    table.insert(Self.key(7, 4), path: BoundedText(Array("/b".utf8)))
    #expect(path(table, 7) == "/a")
    table.remove(Self.key(7))
    table.remove(Self.key(7))
    #expect(path(table, 7) == nil)
    #expect(table.path(of: Self.key(7, 4)) == BoundedText(Array("/b".utf8)))
    #expect(table.checkRows() == [])
  }

  @Test func `the root needs no telling`() {
    let table = CgroupTable()
    #expect(path(table, 1) == "/")
    #expect(table.containers(of: Self.key(1)) == CgroupContainers())
    #expect(table.containers(of: Self.key(2)) == nil)
  }

  @Test func `a rename reaches what is below`() {
    var table = CgroupTable()
    for (id, name) in [(2, "/lxc/a"), (3, "/lxc/a/b"), (4, "/lxc/ab"), (5, "/lxc/a/b/c")] {
      table.insert(Self.key(UInt64(id)), path: BoundedText(Array(name.utf8)))
    }
    table.insert(Self.key(2), path: BoundedText(Array("/lxc/z".utf8)))
    #expect((2...5).map { path(table, $0) } == ["/lxc/z", "/lxc/z/b", "/lxc/ab", "/lxc/z/b/c"])
    #expect(table.containers(of: Self.key(5))?.names == [Array("z".utf8)])
  }

  @Test func `one whose path does not fit into a record is known by its parent`() {
    var table = CgroupTable()
    let long = "/" + String(repeating: "x", count: 1_500)
    table.insert(Self.key(2), path: BoundedText(Array(long.utf8)))
    table.insert(Self.key(3), name: Array("docker-0a.scope".utf8), in: Self.key(2))
    table.insert(Self.key(4), name: Array("y".utf8), in: Self.key(1))
    #expect((3...4).map { path(table, $0) } == ["\(long)/docker-0a.scope", "/y"])
    // The rest of it is not known.
    table.insert(Self.key(5), name: Array("z".utf8), in: Self.key(9))
    table.insert(Self.key(6), name: Array("lxc.payload.a".utf8), in: Self.key(5))
    #expect((5...6).map { path(table, $0) } == [".../z", ".../z/lxc.payload.a"])
    #expect(table.containers(of: Self.key(6)) == nil)
  }

  @Test func `of a path that is too long the innermost cgroups are kept`() {
    var table = CgroupTable()
    let step = String(repeating: "x", count: 255)
    for id in 2...20 as ClosedRange<UInt64> {
      table.insert(Self.key(id), name: Array(step.utf8), in: Self.key(id - 1))
    }
    table.insert(Self.key(21), name: Array("lxc.payload.a".utf8), in: Self.key(20))
    #expect(path(table, 17) == String(repeating: "/" + step, count: 16))
    #expect(path(table, 18) == "..." + String(repeating: "/" + step, count: 16))
    #expect(path(table, 21) == "..." + String(repeating: "/" + step, count: 15) + "/lxc.payload.a")
    // A spelling counts at the root alone.
    #expect(table.containers(of: Self.key(21))?.names == [])
    table.insert(Self.key(30), path: BoundedText(Array("/lxc.payload.b".utf8)))
    for id in 31...50 as ClosedRange<UInt64> {
      table.insert(Self.key(id), name: Array(step.utf8), in: Self.key(id - 1))
    }
    #expect(table.containers(of: Self.key(50))?.names == [Array("b".utf8)])
  }

  @Test func `a path that was cut at its end names no container`() {
    var table = CgroupTable()
    let cut = "/lxc.payload.a/" + String(repeating: "x", count: 1_008)
    table.insert(Self.key(2), path: BoundedText(Array(cut.utf8), cut: .end))
    #expect(path(table, 2) == cut + "...")
    #expect(table.containers(of: Self.key(2)) == nil)
    table.insert(Self.key(3), name: Array("lxc.payload.b".utf8), in: Self.key(2))
    #expect(path(table, 3) == ".../lxc.payload.b")
    #expect(table.containers(of: Self.key(3)) == nil)
  }

  @Test func `no more than the limit are remembered, and the oldest go`() {
    var table = CgroupTable(limit: 3)
    for id in 2...6 as ClosedRange<UInt64> {
      table.insert(Self.key(id), path: BoundedText(Array("/\(id)".utf8)))
      #expect(table.checkRows() == [])
    }
    #expect((2...6).map { path(table, $0) } == [nil, nil, "/4", "/5", "/6"])
    table.remove(Self.key(5))
    table.insert(Self.key(7), path: BoundedText(Array("/7".utf8)))
    #expect(table.count == 3)
    #expect((4...7).map { path(table, $0) } == ["/4", nil, "/6", "/7"])
    #expect(table.checkRows() == [])
  }

  @Test func `of too many containers in a path the outer ones count`() {
    let path = (1...40).map { "/lxc.payload.\($0)" }.joined()
    let found = CgroupContainers(path: Array(path.utf8))
    #expect(found.list.elements.count == ContainerList.limit)
    #expect(
      found.names.map { String(decoding: $0, as: UTF8.self) } == (1...32).reversed().map { "\($0)" }
    )
    #expect(found.list.elements.map(\.isParent) == [false] + Array(repeating: true, count: 31))
  }
}
