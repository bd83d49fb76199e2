// SPDX-License-Identifier: Apache-2.0

/// The fields of one record of the kernel's audit, those of one name together.
struct KernelFieldList {
  private(set) var fields: [KernelField] = []
  /// For each field the next one of the same name; 0: none.
  private var following: [Int] = []
  /// Whether each field has an earlier one of the same name.
  private(set) var isRepeated: [Bool] = []

  /// Whether there is anything else than fields.
  private(set) var hasWords = false

  /// Collects all fields that `rest` gives.
  mutating func collect(_ rest: consuming KernelFields, in text: Span<UInt8>) {
    fields.clear()
    following.clear()
    isRepeated.clear()
    var seen = InlineArray<64, UInt64>(repeating: 0)
    var mayRepeat = false
    hasWords = false
    while let field = rest.nextToken(in: text) {
      if field.form == .word {
        hasWords = true
        continue
      }
      let hash = Self.hash(field.name, in: text)
      let bit = UInt64(1) << UInt64(hash & 63)
      mayRepeat = mayRepeat || seen[hash >> 6] & bit != 0
      seen[hash >> 6] |= bit
      fields.append(field)
      following.append(0)
      isRepeated.append(false)
    }
    if mayRepeat { link(in: text) }
  }

  /// Whether user space wrote a part.
  var hasMessage: Bool { fields.contains { $0.form == .message } }

  /// The index of the next field of the same name; nil: none.
  func next(after index: Int) -> Int? { following[index] == 0 ? nil : following[index] }

  /// Finds equal names by sorting: a process can write thousands of different ones.
  private mutating func link(in text: Span<UInt8>) {
    let order = fields.indices.sorted { first, second in
      let order = compare(first, second, in: text)
      return order == 0 ? first < second : order < 0
    }
    for (first, second) in zip(order, order.dropFirst())
    where compare(first, second, in: text) == 0 {
      following[first] = second
      isRepeated[second] = true
    }
  }

  private func compare(_ first: Int, _ second: Int, in text: Span<UInt8>) -> Int {
    Self.compare(fields[first].name, fields[second].name, in: text)
  }

  private static func compare(
    _ first: Range<Int>, _ second: Range<Int>, in text: Span<UInt8>
  ) -> Int {
    if first.count != second.count { return first.count - second.count }
    for offset in 0..<first.count {
      let (a, b) = (text[first.lowerBound + offset], text[second.lowerBound + offset])
      if a != b { return Int(a) - Int(b) }
    }
    return 0
  }

  /// Below 4096.
  private static func hash(_ name: Range<Int>, in text: Span<UInt8>) -> Int {
    var hash: UInt32 = 0x811c_9dc5
    for index in name { hash = (hash ^ UInt32(text[index])) &* 0x0100_0193 }
    return Int((hash ^ hash >> 16) & 0xfff)
  }
}
