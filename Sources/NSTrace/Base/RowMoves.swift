// SPDX-License-Identifier: Apache-2.0

/// Where a compacted table's entries have gone, each in front of those that were behind it.
struct RowMoves {
  /// The new row of each old one; -1: it was free.
  private var rows: [Int32]

  /// - Parameters:
  ///   - count: the number of rows.
  ///   - free: those that are not in use.
  init(of count: Int, without free: borrowing Rows<UInt32>) {
    rows = [Int32](repeating: 0, count: count)
    for index in free.indices { rows[Int(free[index])] = -1 }
    var next: Int32 = 0
    for row in rows.indices where rows[row] == 0 {
      rows[row] = next
      next += 1
    }
  }

  subscript(row: Int32) -> Int32 { rows[Int(row)] }

  func isKept(_ row: Int) -> Bool { rows[row] >= 0 }
}
