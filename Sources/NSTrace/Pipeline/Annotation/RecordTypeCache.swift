// SPDX-License-Identifier: Apache-2.0

/// The numbers of the types that a log names, by their spelling. A log has few types, and looking one
/// up among all names would take longer than all else that is done with a line.
struct RecordTypeCache {
  /// A spelling of up to 16 bytes, filled with zeros.
  private struct Key: Equatable {
    var low: UInt64 = 0
    var high: UInt64 = 0

    init?(_ spelling: Range<Int>, in line: Span<UInt8>) {
      guard (1...16).contains(spelling.count) else { return nil }
      for index in spelling {
        high = high << 8 | low >> 56
        low = low << 8 | UInt64(line[index])
      }
    }

    var row: Int { Int(truncatingIfNeeded: ((low ^ high) &* 0x9e37_79b9_7f4a_7c15) >> 58) }
  }

  private struct Entry {
    var key: Key
    var number: UInt16?
  }

  private var entries = [Entry?](repeating: nil, count: 64)

  /// The number of the type; nil: there is no such type.
  mutating func number(of spelling: Range<Int>, in line: Span<UInt8>) -> UInt16? {
    guard let key = Key(spelling, in: line) else { return Self.lookUp(spelling, in: line) }
    if let entry = entries[key.row], entry.key == key { return entry.number }
    let number = Self.lookUp(spelling, in: line)
    entries[key.row] = Entry(key: key, number: number)
    return number
  }

  private static func lookUp(_ spelling: Range<Int>, in line: Span<UInt8>) -> UInt16? {
    KernelRecordType(spelling: spelling.map { line[$0] })?.number
  }
}
