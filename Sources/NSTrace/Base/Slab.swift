// SPDX-License-Identifier: Apache-2.0

/// Entries that keep their row for as long as they are in the table. A freed row goes to the next entry; the
/// table grows only where no row is free.
///
/// A table with more columns gives them the same row: `Rows.put`.
struct Slab<Entry: Sendable>: ~Copyable {
  private var entries = Rows<Entry>()
  private var free = Rows<UInt32>()

  init() {}

  /// With an entry in row 0.
  init(first entry: Entry) { entries.append(entry) }

  /// How many rows are in use.
  var count: Int { entries.count - free.count }

  /// All rows, free ones too: as many as were in use at once.
  var rows: Range<Int> { entries.indices }

  /// A freed row gives its last entry until another one has the row.
  subscript(row: Int) -> Entry {
    @inline(__always) _read { yield entries[row] }
    @inline(__always) _modify { yield &entries[row] }
  }

  /// - Returns: the entry's row.
  @inline(__always)
  mutating func insert(_ entry: Entry) -> Int {
    guard let row = free.popLast() else {
      entries.append(entry)
      return entries.count - 1
    }
    entries[Int(row)] = entry
    return Int(row)
  }

  /// - Precondition: the row is in use.
  @inline(__always)
  mutating func remove(at row: Int) { free.append(UInt32(row)) }

  /// Has a row fetched from memory that will be needed soon.
  @inline(__always)
  func prefetch(_ row: Int) { entries.prefetch(row) }
}
