// SPDX-License-Identifier: Apache-2.0

/// The value of `key=`: the keys of the audit rule that an event is there for.
struct AuditKey {
  private let field: KernelField
  private let isEncoded: Bool

  /// Nil: `(null)`, so the rule has none.
  init?(_ field: KernelField, in text: Span<UInt8>) {
    isEncoded = field.isEncoded(in: text, of: .syscall)
    if field.form == .bare && !isEncoded { return nil }
    self.field = field
  }

  /// Whether one of the rule's keys is among `keys`.
  func isAny(of keys: [[UInt8]], in text: Span<UInt8>) -> Bool {
    if keys.isEmpty { return false }
    let count = field.count(isEncoded: isEncoded)
    var start = 0
    while start <= count {
      var end = start
      while end < count, byte(end, text) != KernelField.keySeparator { end += 1 }
      if keys.contains(where: { isSame(start..<end, $0, text) }) { return true }
      start = end + 1
    }
    return false
  }

  private func isSame(_ range: Range<Int>, _ key: [UInt8], _ text: Span<UInt8>) -> Bool {
    guard key.count == range.count else { return false }
    for index in key.indices where key[index] != byte(range.lowerBound + index, text) {
      return false
    }
    return true
  }

  private func byte(_ index: Int, _ text: Span<UInt8>) -> UInt8 {
    field.byte(at: index, isEncoded: isEncoded, in: text)
  }
}
