// SPDX-License-Identifier: Apache-2.0

/// Which rows of a `TaskTable` have the threads of one process: a list for each process that has
/// more than its leader. A process of one thread costs nothing.
struct ThreadGroups: ~Copyable {
  /// The neighbours in a list; 0: none.
  struct Link {
    var next: UInt32 = 0
    var previous: UInt32 = 0
  }

  /// The first row of each process's list, by tgid; 0: it has none.
  private var heads = Rows<UInt32>()
  /// By row of the task.
  private var links = Rows<Link>()

  /// Adds a thread that is not the leader. A tgid that no kernel gives is left out.
  mutating func insert(_ row: Int, in tgid: UInt32) {
    guard tgid < TaskNumber.limit else { return }
    heads.reach(Int(tgid), filling: 0, within: Int(TaskNumber.limit))
    links.reach(row, filling: Link())
    let next = heads[Int(tgid)]
    links[row] = Link(next: next)
    if next != 0 { links[Int(next)].previous = UInt32(row) }
    heads[Int(tgid)] = UInt32(row)
  }

  mutating func remove(_ row: Int, from tgid: UInt32) {
    guard tgid < TaskNumber.limit else { return }
    let link = links[row]
    if link.next != 0 { links[Int(link.next)].previous = link.previous }
    if link.previous != 0 {
      links[Int(link.previous)].next = link.next
    } else {
      heads[Int(tgid)] = link.next
    }
  }

  /// The rows of a process's threads without its leader, in no order.
  func rows(of tgid: UInt32) -> [Int] {
    guard tgid < heads.count else { return [] }
    var rows: [Int] = []
    var row = heads[Int(tgid)]
    while row != 0 {
      rows.append(Int(row))
      row = links[Int(row)].next
    }
    return rows
  }
}
