// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Byte strings that many tasks share, each kept once and counted. A program that starts again
/// costs a look-up and no allocation.
struct TextPool: ~Copyable {
  struct ID: Hashable {
    fileprivate var index: Int32
    /// The empty text, which is not counted.
    static let empty = ID(index: -1)
  }

  // Not private, as `SubjectTable.Entry`.
  struct Entry {
    var bytes: [UInt8]
    var hash: Int
    var users: Int
  }

  private var entries = Slab<Entry>()
  /// The row by a text's hash. Of two texts with one hash the later is kept unshared.
  private var byHash: [Int: Int32] = [:]

  /// The number of different texts.
  var count: Int { entries.count }

  /// The number of rows.
  var places: Int { entries.rows.count }

  subscript(id: ID) -> [UInt8] { id == .empty ? [] : entries[Int(id.index)].bytes }

  /// Keeps `text` for one more user.
  mutating func retain(_ text: RawSpan) -> ID {
    if text.byteCount == 0 { return .empty }
    let hash = Self.hash(text)
    if let index = byHash[hash], Self.isEqual(entries[Int(index)].bytes, text) {
      entries[Int(index)].users += 1
      return ID(index: index)
    }
    return insert(text, hash: hash)
  }

  mutating func retain(_ id: ID) {
    if id != .empty { entries[Int(id.index)].users += 1 }
  }

  mutating func release(_ id: ID) {
    if id == .empty { return }
    entries[Int(id.index)].users -= 1
    if entries[Int(id.index)].users == 0 { remove(id.index) }
  }

  private mutating func insert(_ text: RawSpan, hash: Int) -> ID {
    let entry = Entry(bytes: unsafe text.withUnsafeBytes { unsafe Array($0) }, hash: hash, users: 1)
    let index = Int32(entries.insert(entry))
    if byHash[hash] == nil { byHash[hash] = index }
    return ID(index: index)
  }

  private mutating func remove(_ index: Int32) {
    let hash = entries[Int(index)].hash
    if byHash[hash] == index { byHash[hash] = nil }
    entries[Int(index)].bytes = []
    entries.remove(at: Int(index))
  }

  /// Seeded for each process, as Swift's hashing is, so that no task can choose names that collide.
  private static func hash(_ text: RawSpan) -> Int {
    var hasher = Hasher()
    unsafe text.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    return hasher.finalize()
  }

  private static func isEqual(_ kept: [UInt8], _ text: RawSpan) -> Bool {
    unsafe kept.withUnsafeBytes { kept in
      unsafe text.withUnsafeBytes { text in
        guard kept.count == text.count else { return false }
        return unsafe memcmp(kept.baseAddress!, text.baseAddress!, kept.count) == 0
      }
    }
  }
}
