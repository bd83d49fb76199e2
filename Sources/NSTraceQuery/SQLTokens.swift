// SPDX-License-Identifier: Apache-2.0

/// The tokens of an SQL expression.
struct SQLTokens {
  private let bytes: [UInt8]
  private var next = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// All of them.
  /// - Throws: `QueryError` for what belongs to no expression: a comment, a parameter, a second statement.
  static func all(of bytes: [UInt8]) throws(QueryError) -> [SQLToken] {
    var tokens = SQLTokens(bytes)
    var all: [SQLToken] = []
    while let token = try tokens.token() { all.append(token) }
    return all
  }

  private mutating func token() throws(QueryError) -> SQLToken? {
    while next < bytes.count, Self.isSpace(bytes[next]) { next += 1 }
    guard next < bytes.count else { return nil }
    let start = next
    let byte = bytes[next]
    if Self.isLetter(byte) { return take(.word, while: Self.isOfWord) }
    if Self.isDigit(byte) { return number() }
    switch byte {
    case UInt8(ascii: "'"): return try quoted(.text, until: byte)
    case UInt8(ascii: "\""), UInt8(ascii: "`"): return try quoted(.quotedName, until: byte)
    case UInt8(ascii: "["): return try quoted(.quotedName, until: UInt8(ascii: "]"))
    case UInt8(ascii: ";"): throw refusal("one expression is expected, without ;", start)
    case UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "$"),
      UInt8(ascii: "#"):
      throw refusal("nothing gives a value for a parameter", start)
    case 0: throw refusal("a byte of 0 is no text", start)
    default: return try sign()
    }
  }

  private mutating func take(_ kind: SQLToken.Kind, while isOfIt: (UInt8) -> Bool) -> SQLToken {
    let start = next
    while next < bytes.count, isOfIt(bytes[next]) { next += 1 }
    return SQLToken(kind: kind, range: start..<next, text: text(start..<next).lowercased())
  }

  /// A sign within an exponent belongs to it.
  private mutating func number() -> SQLToken {
    let start = next
    while next < bytes.count {
      let isSigned =
        (bytes[next] == UInt8(ascii: "-") || bytes[next] == UInt8(ascii: "+"))
        && bytes[next - 1] | 0x20 == UInt8(ascii: "e") && !isHexadecimal(start)
      guard isSigned || Self.isOfWord(bytes[next]) || bytes[next] == UInt8(ascii: ".") else {
        break
      }
      next += 1
    }
    return SQLToken(kind: .number, range: start..<next, text: text(start..<next))
  }

  private func isHexadecimal(_ start: Int) -> Bool {
    start + 1 < bytes.count && bytes[start + 1] | 0x20 == UInt8(ascii: "x")
  }

  /// A quote inside is doubled, but not `]`.
  private mutating func quoted(
    _ kind: SQLToken.Kind, until quote: UInt8
  ) throws(QueryError) -> SQLToken {
    let start = next
    var content: [UInt8] = []
    next += 1
    while next < bytes.count {
      let isQuote = bytes[next] == quote
      let isDoubled =
        isQuote && quote != UInt8(ascii: "]") && next + 1 < bytes.count && bytes[next + 1] == quote
      if bytes[next] == 0 { throw refusal("a byte of 0 is no text", next) }
      if isQuote && !isDoubled {
        next += 1
        return SQLToken(
          kind: kind, range: start..<next, text: String(decoding: content, as: UTF8.self))
      }
      content.append(bytes[next])
      next += isDoubled ? 2 : 1
    }
    throw refusal("the quote that begins here has no end", start)
  }

  private mutating func sign() throws(QueryError) -> SQLToken {
    let start = next
    let pair = text(start..<min(start + 2, bytes.count))
    if pair == "--" || pair == "/*" { throw refusal("an expression has no comments", start) }
    if bytes.count >= start + 3, text(start..<start + 3) == "->>" {
      next += 3
    } else {
      next += Self.pairs.contains(pair) ? 2 : 1
    }
    return SQLToken(kind: .sign, range: start..<next, text: text(start..<next))
  }

  private static let pairs: Set = ["==", "!=", "<>", "<=", ">=", "||", "<<", ">>", "->"]

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private func refusal(_ reason: String, _ place: Int) -> QueryError {
    QueryError(reason: reason, position: SQLExpression.position(of: place, in: bytes))
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
      || byte >= 0x80
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "$")
  }
}
