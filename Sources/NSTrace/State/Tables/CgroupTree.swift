// SPDX-License-Identifier: Apache-2.0

/// The directories of the cgroup hierarchies, as the stream has reported them. A rename moves one
/// node, and with it all below, so it costs as much as its own path.
///
/// No two cgroups have one path: a report that gives a cgroup another one's path shows that the
/// other's end was lost.
struct CgroupTree: ~Copyable {
  typealias Row = Int32
  static let none: Row = -1

  // Not private, as `SubjectTable.Entry`.
  struct Node {
    /// Without slashes. Of a node that is cut at its end: what is known of the path.
    var name: [UInt8]
    /// Of a root.
    var hierarchy: UInt32 = 0
    /// None: a hierarchy's root, or a cgroup whose parent is not known.
    var parent = none
    /// The missing end of a path whose beginning is not known, or that was cut in its record.
    var cut: BoundedText.Cut?
    /// Nil: only cgroups below it were reported.
    var key: CgroupID?
    /// Counts up with each report that gave a cgroup a path.
    var number: UInt64 = 0
    var children = 0
    var firstChild = none
    var next = none
    var previous = none
    /// The containers that the path names, as of `generation`.
    var containers: CgroupContainers?
    var generation: UInt64 = 0
    /// The number of the path's components that root has named, as of when the cgroup got its name.
    var believed: UInt16 = .max
  }

  struct Step: Hashable {
    var parent: Row
    var name: [UInt8]
  }

  /// Where a report places a cgroup.
  enum Place {
    /// The names from the hierarchy's root on.
    case path([[UInt8]])
    case inside(CgroupID, [UInt8])
    /// Only a part of its path is known.
    case loose([UInt8], BoundedText.Cut)
  }

  var nodes = Slab<Node>()
  private(set) var rows: [CgroupID: Row] = [:]
  private var steps: [Step: Row] = [:]
  private var roots: [UInt32: Row] = [:]
  private var last: UInt64 = 0
  /// Counts up with each move, which may change the paths of others.
  private(set) var generation: UInt64 = 1
  /// The number of nodes that were linked, unlinked or looked up. For tests.
  private(set) var work = 0

  /// The number of known cgroups.
  var count: Int { rows.count }

  /// The number of directories that stand for no known cgroup.
  private var unnamed: Int { nodes.count - rows.count }
  /// The kernel reports a directory before those in it. Only a false stream makes many of them by
  /// the path of one cgroup, and from here on it makes none.
  static let unnamedLimit = 65_536
  /// The number of cgroups whose paths were not stored for that reason.
  private(set) var unplaced = 0

  func row(of key: CgroupID) -> Row? { rows[key] }

  /// The nodes without a known parent.
  var tops: [Row] {
    nodes.rows.map { Row($0) }.filter { row in
      let node = nodes[Int(row)]
      return node.parent == Self.none && (node.key != nil || node.children > 0)
    }
  }

  func isRoot(_ row: Row) -> Bool {
    nodes[Int(row)].parent == Self.none && nodes[Int(row)].cut == nil
  }

  /// Places a cgroup that was made, found or renamed.
  /// - Parameter believed: the number of its path's components that root has named. While it keeps its
  ///   place, the first report counts: a later owner of the directory has not named it.
  mutating func place(_ key: CgroupID, _ place: Place, believed: UInt16 = .max) {
    if let row = rows[key] {
      if isAt(row, place) { return }
      move(row, key, place)
    } else {
      add(key, place)
    }
    if let row = rows[key] { believe(row, believed) }
  }

  private mutating func believe(_ row: Row, _ believed: UInt16) {
    guard nodes[Int(row)].believed != believed else { return }
    nodes[Int(row)].believed = believed
    // What is known of those below was found without this.
    if nodes[Int(row)].children > 0 { generation &+= 1 }
  }

  mutating func takeUnplaced() -> Int {
    defer { unplaced = 0 }
    return unplaced
  }

  mutating func remove(_ key: CgroupID) {
    guard let row = rows.removeValue(forKey: key) else { return }
    nodes[Int(row)].key = nil
    believe(row, .max)
    prune(row)
  }

  private func isAt(_ row: Row, _ place: Place) -> Bool {
    let node = nodes[Int(row)]
    switch place {
    case .path(let names): return isAt(row, names)
    case .loose(let name, let cut):
      return node.parent == Self.none && node.cut == cut && node.name == name
    case .inside(let parent, let name):
      guard node.name == name else { return false }
      let there = rows[parent] ?? (parent.id == CgroupID.root ? roots[parent.hierarchy] : nil)
      if let there, nodes[Int(there)].cut != .end { return node.parent == there }
      // A parent that is not known leaves it loose.
      return node.parent == Self.none && node.cut == .front
        && (there != nil || parent.id != CgroupID.root)
    }
  }

  private func isAt(_ row: Row, _ names: [[UInt8]]) -> Bool {
    var row = row
    for name in names.reversed() {
      guard nodes[Int(row)].name == name, nodes[Int(row)].parent != Self.none else { return false }
      row = nodes[Int(row)].parent
    }
    return isRoot(row)
  }
}

// MARK: - Nodes

extension CgroupTree {
  private mutating func child(_ parent: Row, _ name: [UInt8]) -> Row? {
    work &+= 1
    return steps[Step(parent: parent, name: name)]
  }

  private mutating func root(_ hierarchy: UInt32) -> Row {
    if let row = roots[hierarchy] { return row }
    let row = Row(nodes.insert(Node(name: [], hierarchy: hierarchy)))
    roots[hierarchy] = row
    return row
  }

  private mutating func link(_ row: Row, _ parent: Row, _ name: [UInt8]) {
    work &+= 1
    let next = nodes[Int(parent)].firstChild
    nodes[Int(row)].name = name
    nodes[Int(row)].parent = parent
    nodes[Int(row)].cut = nil
    nodes[Int(row)].previous = Self.none
    nodes[Int(row)].next = next
    if next != Self.none { nodes[Int(next)].previous = row }
    nodes[Int(parent)].firstChild = row
    nodes[Int(parent)].children += 1
    steps[Step(parent: parent, name: name)] = row
  }

  private mutating func unlink(_ row: Row) {
    work &+= 1
    let node = nodes[Int(row)]
    if node.parent == Self.none { return }
    if node.previous != Self.none {
      nodes[Int(node.previous)].next = node.next
    } else {
      nodes[Int(node.parent)].firstChild = node.next
    }
    if node.next != Self.none { nodes[Int(node.next)].previous = node.previous }
    nodes[Int(node.parent)].children -= 1
    nodes[Int(row)].parent = Self.none
    steps[Step(parent: node.parent, name: node.name)] = nil
  }

  /// Gives a node to a cgroup. Another cgroup with that path has ended.
  private mutating func claim(_ row: Row, _ key: CgroupID) {
    if let old = nodes[Int(row)].key { rows[old] = nil }
    nodes[Int(row)].key = key
    nodes[Int(row)].generation = 0
    rows[key] = row
    last &+= 1
    nodes[Int(row)].number = last
  }

  /// Removes nodes that stand for no cgroup, from one upwards.
  mutating func prune(_ row: Row) {
    var row = row
    while row != Self.none, nodes[Int(row)].key == nil, nodes[Int(row)].children == 0 {
      let parent = nodes[Int(row)].parent
      if isRoot(row) { roots[nodes[Int(row)].hierarchy] = nil }
      unlink(row)
      free(row)
      row = parent
    }
  }

  private mutating func free(_ row: Row) {
    nodes[Int(row)] = Node(name: [])
    nodes.remove(at: Int(row))
  }
}

// MARK: - Places

extension CgroupTree {
  private mutating func add(_ key: CgroupID, _ place: Place) {
    if case .path(let names) = place, names.isEmpty { return claim(root(key.hierarchy), key) }
    // Only a false stream says that a cgroup is in itself.
    if case .inside(let parent, _) = place, parent == key { return addLoose(key, place) }
    guard let (parent, name) = destination(place, key.hierarchy, below: nil) else {
      return addLoose(key, place)
    }
    if let there = child(parent, name) { return claim(there, key) }
    let row = Row(nodes.insert(Node(name: [])))
    link(row, parent, name)
    claim(row, key)
  }

  private mutating func addLoose(_ key: CgroupID, _ place: Place) {
    let (name, cut) = Self.loose(place)
    claim(Row(nodes.insert(Node(name: name, cut: cut))), key)
  }

  private static func loose(_ place: Place) -> ([UInt8], BoundedText.Cut) {
    switch place {
    case .path(let names): (names.last ?? [], .front)
    case .inside(_, let name): (name, .front)
    case .loose(let name, let cut): (name, cut)
    }
  }

  /// The parent's node and the name; nil: the parent is not known, or is `row` or below it.
  private mutating func destination(
    _ place: Place, _ hierarchy: UInt32, below row: Row?
  ) -> (parent: Row, name: [UInt8])? {
    switch place {
    case .loose: return nil
    case .inside(let parent, let name):
      let there = rows[parent] ?? (parent.id == CgroupID.root ? root(parent.hierarchy) : nil)
      guard let there, nodes[Int(there)].cut != .end, row.map({ !isBelow(there, $0) }) ?? true
      else { return nil }
      return (there, name)
    case .path(let names):
      var parent = root(hierarchy)
      for name in names.dropLast() {
        guard let next = child(parent, name) ?? grow(parent, name) else {
          prune(parent)
          return nil
        }
        parent = next
      }
      return names.last.map { (parent, $0) }
    }
  }

  /// - Returns: nil if there are too many directories without a cgroup.
  private mutating func grow(_ parent: Row, _ name: [UInt8]) -> Row? {
    guard unnamed < Self.unnamedLimit else {
      unplaced += 1
      return nil
    }
    let row = Row(nodes.insert(Node(name: [])))
    link(row, parent, name)
    return row
  }

  /// Whether a node is another one or below it. The kernel moves no cgroup to another parent, so
  /// only a false stream asks; where it is too deep to say, the answer is yes.
  private mutating func isBelow(_ row: Row, _ other: Row) -> Bool {
    if nodes[Int(other)].children == 0 { return row == other }
    var row = row
    for _ in 0..<CgroupTable.pathLimit where row != Self.none {
      if row == other { return true }
      work &+= 1
      row = nodes[Int(row)].parent
    }
    return row != Self.none
  }

  private mutating func move(_ row: Row, _ key: CgroupID, _ place: Place) {
    generation &+= 1
    if isRoot(row) {
      remove(key)
      return add(key, place)
    }
    let left = nodes[Int(row)].parent
    unlink(row)
    claim(row, key)
    prune(left)
    if case .path(let names) = place, names.isEmpty {
      merge(row, into: root(key.hierarchy))
    } else if let (parent, name) = destination(place, key.hierarchy, below: row) {
      if let there = child(parent, name) {
        merge(row, into: there)
      } else {
        link(row, parent, name)
      }
    } else {
      (nodes[Int(row)].name, nodes[Int(row)].cut) = Self.loose(place)
    }
  }

  /// Moves an unlinked node to the place of another. The fewer children move to the more, so that
  /// moves to and fro cost little.
  private mutating func merge(_ moved: Row, into there: Row) {
    var pairs = [(moved, there)]
    while let (moved, there) = pairs.popLast() {
      let isFewer = nodes[Int(moved)].children <= nodes[Int(there)].children || isRoot(there)
      let (few, many) = isFewer ? (moved, there) : (there, moved)
      if !isFewer {
        let node = nodes[Int(there)]
        unlink(there)
        link(moved, node.parent, node.name)
      }
      joinKeys(of: few, many)
      while nodes[Int(few)].firstChild != Self.none {
        let child = nodes[Int(few)].firstChild
        let name = nodes[Int(child)].name
        unlink(child)
        if let own = self.child(many, name) {
          pairs.append((child, own))
        } else {
          link(child, many, name)
        }
      }
      free(few)
    }
  }

  /// Of two cgroups with one path the one that was reported later is there.
  private mutating func joinKeys(of few: Row, _ many: Row) {
    guard let key = nodes[Int(few)].key else { return }
    nodes[Int(few)].key = nil
    let other = nodes[Int(many)].key
    guard other == nil || nodes[Int(few)].number > nodes[Int(many)].number else {
      rows[key] = nil
      return
    }
    if let other { rows[other] = nil }
    nodes[Int(many)].key = key
    nodes[Int(many)].number = nodes[Int(few)].number
    nodes[Int(many)].believed = nodes[Int(few)].believed
    rows[key] = many
  }
}

// MARK: - Invariants

extension CgroupTree {
  /// The broken invariants, a sentence each. For tests.
  func check() -> [String] {
    var broken: [String] = []
    for (key, row) in rows where nodes[Int(row)].key != key {
      broken.append("cgroup \(key.id) is not in its row")
    }
    for (step, row) in steps {
      let node = nodes[Int(row)]
      if node.parent != step.parent || node.name != step.name {
        broken.append("row \(row) is not where its parent has it")
      }
      if node.key == nil && node.children == 0 { broken.append("row \(row) stands for nothing") }
    }
    if nodes.count != steps.count + tops.count {
      broken.append("\(nodes.count) nodes, \(steps.count) of them in a parent")
    }
    return broken
  }
}
