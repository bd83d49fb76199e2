// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceConformance

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

  @Test func `of cgroups without tasks the older are forgotten`() {
    var table = CgroupTable(limit: 4)
    for id in 2...6 as ClosedRange<UInt64> {
      table.insert(Self.key(id), path: BoundedText(Array("/\(id)".utf8)))
    }
    let isFull = table.isFull
    #expect(isFull)
    // Of four, one is the room for new ones, and one is the root.
    let forgotten = table.forget(using: [])
    #expect(forgotten == 3)
    #expect((2...6).map { path(table, $0) } == [nil, nil, nil, "/5", "/6"])
    #expect(table.checkRows() == [])
  }

  @Test func `a cgroup with tasks is never forgotten, and leads from the root`() {
    var table = CgroupTable(limit: 4)
    table.insert(Self.key(2), path: BoundedText(Array("/a".utf8)))
    table.insert(Self.key(3), path: BoundedText(Array("/a/b".utf8)))
    for id in 4...9 as ClosedRange<UInt64> {
      table.insert(Self.key(id), path: BoundedText(Array("/c/\(id)".utf8)))
    }
    let forgotten = table.forget(using: [Self.key(3)])
    #expect(forgotten == 4)
    #expect((2...9).map { path(table, $0) } == ["/a", "/a/b", nil, nil, nil, nil, "/c/8", "/c/9"])
    #expect(table.checkRows() == [])
  }

  @Test func `cgroups in one directory push out none of another`() {
    var table = CgroupTable(limit: 1_000)
    for id in 2...101 as ClosedRange<UInt64> {
      table.insert(Self.key(id), path: BoundedText(Array("/machine/\(id)".utf8)))
    }
    var (id, forgotten): (UInt64, Int) = (102, 0)
    for outer in 0..<200 {
      for inner in 0..<20 {
        table.insert(Self.key(id), path: BoundedText(Array("/user/\(outer)/\(inner)".utf8)))
        id += 1
        if table.isFull { forgotten += table.forget(using: []) }
      }
    }
    #expect((2...101).map { path(table, $0) } == (2...101).map { "/machine/\($0)" })
    let (count, places) = (table.count, table.places)
    #expect(count + forgotten == 4_100)
    #expect(places <= 1_001)
    #expect(table.checkRows() == [])
  }

  @Test func `cgroups without a known parent push out none of the hierarchy`() {
    var table = CgroupTable(limit: 1_000)
    for id in 2...301 as ClosedRange<UInt64> {
      table.insert(Self.key(id), path: BoundedText(Array("/machine/\(id)".utf8)))
    }
    for id in 1_000..<3_000 as Range<UInt64> {
      table.insert(Self.key(id), name: Array("\(id)".utf8), in: Self.key(id + 5_000))
      if table.isFull { _ = table.forget(using: []) }
    }
    #expect((2...301).map { path(table, $0) } == (2...301).map { "/machine/\($0)" })
    let places = table.places
    #expect(places <= 1_001)
    #expect(table.checkRows() == [])
  }

  /// 512 bytes make 255 directories, so a dump would need little to take much.
  @Test func `of paths whose directories nobody has reported the room is bounded`() {
    var table = CgroupTable()
    var names = CgroupNames()
    for id in 2...400 as ClosedRange<UInt64> {
      let path = Array(("/\(id)" + String(repeating: "/x", count: 254)).utf8)
      table.insert(Self.key(id), path: BoundedText(path))
      var event = nst_cgroup()
      event.id = id
      names.read(event, path)
      let read = names[Self.key(id)]
      #expect(table.path(of: Self.key(id)) == read)
    }
    let (first, last, places) = (path(table, 2), path(table, 400), table.places)
    #expect(first == "/2" + String(repeating: "/x", count: 254))
    #expect(last == ".../x")
    #expect(places <= CgroupTree.unnamedLimit + 400)
    let forgotten = table.forget(using: Set((2...400).map { Self.key($0) }))
    #expect(forgotten > 100)
    #expect(table.checkRows() == [])
  }

  @Test func `a rename costs as much as the cgroup's own path`() {
    func work(beside count: UInt64) -> Int {
      var table = CgroupTable()
      for id in 0..<count {
        table.insert(Self.key(10 + 2 * id), path: BoundedText(Array("/lxc/\(id)".utf8)))
        table.insert(Self.key(11 + 2 * id), path: BoundedText(Array("/lxc/0/\(id)".utf8)))
      }
      let before = table.work
      for turn in 0..<100 {
        table.insert(Self.key(10), path: BoundedText(Array("/lxc/turn-\(turn)".utf8)))
      }
      let below = path(table, 13)
      #expect(below == "/lxc/turn-99/1")
      return table.work - before
    }
    #expect(work(beside: 30) == work(beside: 3_000))
  }

  @Test func `moves to and fro between two full directories cost little`() {
    func work(_ count: UInt64) -> Int {
      var table = CgroupTable()
      for id in 0..<count {
        table.insert(Self.key(10 + id), path: BoundedText(Array("/a/\(id)".utf8)))
      }
      table.insert(Self.key(2), path: BoundedText(Array("/a".utf8)))
      let before = table.work
      for turn in 0..<count {
        let (new, old) = turn % 2 == 0 ? ("/b", "/a") : ("/a", "/b")
        table.insert(Self.key(5_000 + turn), path: BoundedText(Array("\(new)/x\(turn)".utf8)))
        table.insert(Self.key(2), path: BoundedText(Array(new.utf8)))
        table.insert(Self.key(9_000 + turn), path: BoundedText(Array("\(old)/y\(turn)".utf8)))
      }
      #expect(table.checkRows() == [])
      return table.work - before
    }
    #expect(work(2_000) < 5 * work(500))
  }

  @Test func `a false stream makes no circle`() {
    var table = CgroupTable()
    table.insert(Self.key(5), name: Array("a".utf8), in: Self.key(6))
    table.insert(Self.key(6), name: Array("b".utf8), in: Self.key(5))
    table.insert(Self.key(5), name: Array("c".utf8), in: Self.key(6))
    table.insert(Self.key(7), name: Array("d".utf8), in: Self.key(7))
    #expect((5...7).map { path(table, $0) } == [".../c", ".../c/b", ".../d"])
    #expect(table.checkRows() == [])
  }

  /// Both keep directories, and share no code.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func `the table and the judges' reading say the same of any stream`(seed: UInt64) {
    var table = CgroupTable()
    var (names, random) = (CgroupNames(), RandomStream(seed: seed))
    for _ in 0..<300 {
      let (id, name) = (1 + random.next() % 12, "\(random.next() % 4)")
      switch random.next() % 8 {
      case 0:
        var event = nst_cgroup()
        (event.id, event.hdr.flags) = (id, UInt16(NST_FLAG_REMOVED))
        names.read(event, [])
        table.remove(Self.key(id))
      case 1...2:
        var event = nst_cgroup_in()
        (event.id, event.parent_id) = (id, random.next() % 13)
        names.read(event, Array(name.utf8))
        table.insert(Self.key(id), name: Array(name.utf8), in: Self.key(event.parent_id))
      default:
        var event = nst_cgroup()
        event.id = id
        let depth = random.next() % 4
        let path = (0..<depth).map { _ in "/\(random.next() % 3)" }.joined()
        names.read(event, Array(path.utf8))
        table.insert(Self.key(id), path: BoundedText(Array(path.utf8)))
      }
      #expect(table.checkRows() == [])
      for id in 1...12 as ClosedRange<UInt64> {
        let path = table.path(of: Self.key(id)) ?? BoundedText()
        #expect(path == names[Self.key(id)])
      }
    }
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
