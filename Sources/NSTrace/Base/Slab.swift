// SPDX-License-Identifier: Apache-2.0

/// Entries that keep their row while they are in the table. A freed row is used next; the table
/// grows only when no row is free.
///
/// A table with more columns gives them the same row: `Rows.put`.
struct Slab<Entry: Sendable>: ~Copyable {
  private var entries = Rows<Entry>()
  private var free = Rows<UInt32>()

  init() {}

  /// A slab with an entry in row 0.
  init(first entry: Entry) { entries.append(entry) }

  /// The number of rows in use.
  var count: Int { entries.count - free.count }

  /// All rows, free ones included: as many as were in use at once.
  var rows: Range<Int> { entries.indices }

  /// A freed row gives its last entry until it is used again.
  subscript(row: Int) -> Entry {
    @inline(__always) _read { yield entries[row] }
    @inline(__always) _modify { yield &entries[row] }
  }

  /// Adds an entry.
  /// - Returns: its row.
  @inline(__always)
  mutating func insert(_ entry: Entry) -> Int {
    guard let row = free.popLast() else {
      entries.append(entry)
      return entries.count - 1
    }
    entries[Int(row)] = entry
    return Int(row)
  }

  /// Frees a row.
  /// - Precondition: the row is in use.
  @inline(__always)
  mutating func remove(at row: Int) { free.append(UInt32(row)) }

  /// Whether most rows are free, and they are worth moving entries for.
  var isSparse: Bool { entries.count >= 2 * count + 1024 }

  /// Moves the entries to the first rows, and gives the memory of the others back.
  mutating func compact() -> RowMoves {
    let moves = RowMoves(of: entries.count, without: free)
    entries.compact(moves)
    free = Rows()
    return moves
  }

  /// Prefetches a row that will be needed soon.
  @inline(__always)
  func prefetch(_ row: Int) { entries.prefetch(row) }
}
