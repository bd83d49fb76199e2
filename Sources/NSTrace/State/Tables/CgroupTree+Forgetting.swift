// SPDX-License-Identifier: Apache-2.0

// MARK: - Forgetting

extension CgroupTree {
  /// Forgets cgroups without tasks, until `limit` nodes are left besides those that lead to tasks.
  ///
  /// The room is shared out from the roots downwards: each directory's parts get the same, and what
  /// one does not need the others have. However many cgroups somebody makes in a directory of his
  /// own, they push out no others. Of equals the older are forgotten.
  /// - Parameter used: the cgroups that tasks are in.
  /// - Returns: how many known cgroups were forgotten.
  mutating func forget(to limit: Int, using used: Set<CgroupID>) -> Int {
    let before = count
    let kept = leading(to: used)
    let order = outwards()
    let weights = weights(order, but: kept)
    let shares = shares(of: limit, order, weights, but: kept)
    for row in order.reversed() where !kept[Int(row)] && shares[Int(row)] == 0 {
      // One without a key goes with the last below it.
      if let key = nodes[Int(row)].key { remove(key) }
    }
    return before - count
  }

  /// Whether each row is a cgroup with tasks, or above one.
  private func leading(to used: Set<CgroupID>) -> [Bool] {
    var leads = [Bool](repeating: false, count: nodes.rows.count)
    for key in used {
      var row = row(of: key) ?? Self.none
      while row != Self.none, !leads[Int(row)] {
        leads[Int(row)] = true
        row = nodes[Int(row)].parent
      }
    }
    return leads
  }

  /// All nodes, each behind its parent.
  private func outwards() -> [Row] {
    var order = tops
    var index = 0
    while index < order.count {
      order += children(of: order[index])
      index += 1
    }
    return order
  }

  private func children(of row: Row) -> [Row] {
    var (children, next): ([Row], Row) = ([], nodes[Int(row)].firstChild)
    while next != Self.none {
      children.append(next)
      next = nodes[Int(next)].next
    }
    return children
  }

  /// How many nodes of each subtree may be forgotten.
  private func weights(_ order: [Row], but kept: [Bool]) -> [Int] {
    var weights = [Int](repeating: 0, count: nodes.rows.count)
    for row in order.reversed() {
      if !kept[Int(row)] { weights[Int(row)] += 1 }
      let parent = nodes[Int(row)].parent
      if parent != Self.none { weights[Int(parent)] += weights[Int(row)] }
    }
    return weights
  }

  /// How many of each subtree's nodes stay.
  private func shares(
    of limit: Int, _ order: [Row], _ weights: [Int], but kept: [Bool]
  ) -> [Int] {
    var shares = [Int](repeating: 0, count: nodes.rows.count)
    let (roots, loose) = (tops.filter { isRoot($0) }, tops.filter { !isRoot($0) })
    let needed = roots.reduce(0) { $0 + weights[Int($1)] }
    // However many have no known parent, they are one part.
    let left = max(limit / 2, limit - needed)
    share(left, among: loose, weights, &shares)
    let taken = loose.reduce(0) { $0 + shares[Int($1)] }
    share(limit - taken, among: roots, weights, &shares)
    for row in order where shares[Int(row)] > 0 {
      let rest = shares[Int(row)] - (kept[Int(row)] ? 0 : 1)
      share(rest, among: children(of: row), weights, &shares)
    }
    return shares
  }

  private func share(
    _ room: Int, among rows: [Row], _ weights: [Int], _ shares: inout [Int]
  ) {
    let rows = rows.sorted {
      (weights[Int($0)], nodes[Int($0)].number) < (weights[Int($1)], nodes[Int($1)].number)
    }
    var room = room
    for (index, row) in rows.enumerated() {
      shares[Int(row)] = min(weights[Int(row)], room / (rows.count - index))
      room -= shares[Int(row)]
    }
  }
}
