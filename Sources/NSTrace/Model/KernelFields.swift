// SPDX-License-Identifier: Apache-2.0

/// Goes through the fields of an audit record's text, without a copy.
///
/// The fields are separated by spaces. Behind the byte 0x1d stand the interpretations that auditd adds
/// (`log_format = ENRICHED`), as fields with upper-case names. What stands inside quotes, in `msg='…'`
/// or in hexadecimal is never taken for a field of the record itself. Only records of user space have
/// `msg='…'`, and in a raw one only spaces separate (`KernelRecordType.isRaw`).
package struct KernelFields {
  private var position: Int
  private let end: Int
  private let type: KernelRecordType
  /// Whether the next token stands directly behind a closing quote, where no field can begin.
  private var isBehindQuote = false

  /// The fields in this range of a text.
  package init(_ range: Range<Int>, of type: KernelRecordType) {
    (position, end) = (range.lowerBound, range.upperBound)
    self.type = type
  }

  /// The fields that user space wrote.
  /// - Parameter message: a field of this form.
  package init(message: KernelField) {
    (position, end) = (message.value.lowerBound, message.value.upperBound)
    type = KernelRecordType(0)
  }

  /// The next field; words that are none are skipped.
  package mutating func next(in text: Span<UInt8>) -> KernelField? {
    while let token = nextToken(in: text) {
      if token.form != .word { return token }
    }
    return nil
  }

  /// The next field or word.
  package mutating func nextToken(in text: Span<UInt8>) -> KernelField? {
    if isBehindQuote {
      isBehindQuote = false
      return word(from: position, in: text)
    }
    while position < end, isSeparator(text[position]) { position += 1 }
    guard position < end else { return nil }
    let start = position
    while position < end, text[position] != Self.equals, !isSeparator(text[position]) {
      position += 1
    }
    guard position > start, position < end, text[position] == Self.equals else {
      return word(from: start, in: text)
    }
    position += 1
    return field(start..<position - 1, in: text)
  }

  private mutating func word(from start: Int, in text: Span<UInt8>) -> KernelField {
    skipToSeparator(in: text)
    return KernelField(form: .word, name: start..<start, value: start..<position)
  }

  private mutating func field(_ name: Range<Int>, in text: Span<UInt8>) -> KernelField {
    let start = position
    var field = KernelField(form: .bare, name: name, value: start..<start)
    switch start < end && !type.isRaw ? text[start] : 0 {
    case UInt8(ascii: "\""):
      field.form = .quoted
      field.value = quoted(in: text)
    case UInt8(ascii: "'") where type.hasMessage && field.isNamed("msg", in: text):
      field.form = .message
      field.value = message(in: text)
    default:
      skipToSeparator(in: text)
      field.value = start..<position
    }
    return field
  }

  /// Up to the next quote, or to the end of a text that was cut.
  private mutating func quoted(in text: Span<UInt8>) -> Range<Int> {
    let start = position + 1
    position = start
    while position < end, text[position] != UInt8(ascii: "\"") { position += 1 }
    let value = start..<position
    if position < end { position += 1 }
    isBehindQuote = position < end && !isSeparator(text[position])
    return value
  }

  /// Up to the last quote, because a message may contain others. The kernel writes nothing behind a
  /// message; so if something follows the quote, the text was cut.
  private mutating func message(in text: Span<UInt8>) -> Range<Int> {
    let start = position + 1
    var last = end - 1
    while last >= start, text[last] != UInt8(ascii: "'") { last -= 1 }
    let isWhole = last >= start && (last == end - 1 || text[last + 1] == Self.interpretations)
    position = isWhole ? last + 1 : end
    return start..<(isWhole ? last : end)
  }

  private mutating func skipToSeparator(in text: Span<UInt8>) {
    while position < end, !isSeparator(text[position]) { position += 1 }
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == Self.interpretations && !type.isRaw
  }

  private static var equals: UInt8 { UInt8(ascii: "=") }
  /// AUDIT_INTERP_SEPARATOR of libaudit.
  static var interpretations: UInt8 { 0x1d }
}
