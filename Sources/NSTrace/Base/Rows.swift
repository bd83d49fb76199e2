// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// Contiguous entries in memory that only this table has: it cannot be copied. An array checks
/// before each write whether it is shared, five times in a fork, which took a third of all
/// instructions of a replay. An index beyond the end traps, as an array's does.
@safe struct Rows<Entry: Sendable>: ~Copyable, @unchecked Sendable {
  private var start: UnsafeMutablePointer<Entry>
  private var room = 16
  private(set) var count = 0

  init() { unsafe start = .allocate(capacity: room) }

  init(repeating entry: Entry, count: Int) {
    self.init()
    append(repeating: entry, count: count)
  }

  deinit {
    unsafe start.deinitialize(count: count)
    unsafe start.deallocate()
  }

  var indices: Range<Int> { 0..<count }

  subscript(index: Int) -> Entry {
    @inline(__always) _read {
      check(index)
      yield unsafe start[index]
    }
    @inline(__always) _modify {
      check(index)
      yield unsafe &start[index]
    }
  }

  @inline(__always)
  private func check(_ index: Int) {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "no such row")
  }

  @inline(__always)
  mutating func append(_ entry: Entry) {
    if count == room { grow(by: 1) }
    unsafe (start + count).initialize(to: entry)
    count += 1
  }

  mutating func append(repeating entry: Entry, count added: Int) {
    if room - count < added { grow(by: added) }
    unsafe (start + count).initialize(repeating: entry, count: added)
    count += added
  }

  /// Appends rows until `index` is one of them, and more ahead: up to `limit` rows.
  @inline(__always)
  mutating func reach(_ index: Int, filling entry: Entry, within limit: Int = .max) {
    guard index >= count else { return }
    append(repeating: entry, count: max(index + 1, min(count * 2, limit)) - count)
  }

  /// Sets a row, or appends it if it is the next.
  @inline(__always)
  mutating func put(_ entry: Entry, at index: Int) {
    if index == count { append(entry) } else { self[index] = entry }
  }

  @inline(__always)
  mutating func popLast() -> Entry? {
    if count == 0 { return nil }
    count -= 1
    return unsafe (start + count).move()
  }

  /// Keeps the rows that have moved, in their order, and gives the memory of the others back.
  mutating func compact(_ moves: RowMoves) {
    var kept = Rows()
    for row in indices where moves.isKept(row) { kept.append(self[row]) }
    swap(&kept, &self)
  }

  /// Prefetches a row that will be needed soon: its first byte and its last, which another cache
  /// line may have.
  @inline(__always)
  func prefetch(_ index: Int) {
    let row = unsafe UnsafeRawPointer(start + index)
    unsafe nst_prefetch(row)
    if MemoryLayout<Entry>.stride > 16 { unsafe nst_prefetch(row + MemoryLayout<Entry>.size - 1) }
  }

  @inline(never)
  private mutating func grow(by added: Int) {
    room = max(count + added, room * 2)
    unsafe start = start.grown(to: room, keeping: count)
  }
}
