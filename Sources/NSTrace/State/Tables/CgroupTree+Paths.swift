// SPDX-License-Identifier: Apache-2.0

// MARK: - Paths

extension CgroupTree {
  /// The path from the root of its hierarchy, of which the last `limit` bytes are kept.
  func path(of row: Row, limit: Int) -> BoundedText {
    if isRoot(row) { return BoundedText([Self.slash]) }
    if nodes[Int(row)].cut == .end { return BoundedText(nodes[Int(row)].name, cut: .end) }
    var (steps, bytes, next): ([Row], Int, Row) = ([], 0, row)
    while bytes <= limit, next != Self.none, !isRoot(next) {
      steps.append(next)
      bytes += nodes[Int(next)].name.count + 1
      next = nodes[Int(next)].parent
    }
    var path: [UInt8] = []
    path.reserveCapacity(bytes)
    for step in steps.reversed() {
      path.append(Self.slash)
      path += nodes[Int(step)].name
    }
    return BoundedText(path, cut: next == Self.none ? .front : nil).keepingEnd(limit)
  }

  static let slash = UInt8(ascii: "/")

  /// Computes the containers that a cgroup's path names, unless they are known already.
  mutating func findContainers(of row: Row, _ spellings: [CgroupSpelling]) {
    guard nodes[Int(row)].generation != generation else { return }
    nodes[Int(row)].containers = containers(of: row, spellings)
    nodes[Int(row)].generation = generation
  }

  /// The containers that a cgroup's path names; nil: its beginning is not known. Of a path that is
  /// too long those count that its beginning names.
  func containers(of row: Row, _ spellings: [CgroupSpelling]) -> CgroupContainers? {
    let node = nodes[Int(row)]
    if node.generation == generation { return node.containers }
    var (steps, next): ([Row], Row) = ([], row)
    while next != Self.none, !isRoot(next) {
      steps.append(next)
      next = nodes[Int(next)].parent
    }
    guard next != Self.none else { return nil }
    var path: [UInt8] = []
    for step in steps.reversed() {
      let name = nodes[Int(step)].name
      if path.count + name.count >= CgroupTable.pathLimit { break }
      path.append(Self.slash)
      path += name
    }
    // Whoever was given a directory may rename it, and what it is called then stands in more paths.
    let believed = steps.reduce(.max) { min($0, nodes[Int($1)].believed) }
    return CgroupContainers(path: path, spellings, believed: Int(believed))
  }
}
