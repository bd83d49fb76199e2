// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// An SQL expression that a user wrote, and that it is one: nothing in it can end the expression, or ask for
/// anything but the fields of the record.
///
/// Text in double quotes is a name in SQL, and SQLite takes it for text if it is the name of nothing. Here it is
/// text only where a value is compared with it: behind an operator, or in the list of IN. Everywhere else it has to be
/// a field.
struct SQLExpression {
  /// With spaces and a parameter for each text in double quotes, so that every byte keeps its place.
  private(set) var bytes: [UInt8]
  /// The values of the parameters.
  private(set) var texts: [String] = []

  /// The most bytes that an expression has.
  static let bytesMax = 1 << 14

  private static let fields = RecordField.all.map(\.name)
  private static let known = Set(fields)

  /// - Throws: `QueryError`
  init(_ text: String) throws(QueryError) {
    bytes = Array(text.utf8)
    guard bytes.count <= Self.bytesMax else {
      throw QueryError(
        reason: "the expression is longer than \(Self.bytesMax) bytes", position: nil)
    }
    let tokens = try SQLTokens.all(of: bytes)
    if tokens.isEmpty { throw QueryError(reason: "the expression is empty", position: nil) }
    try checkBrackets(tokens)
    for index in tokens.indices { try check(tokens, at: index) }
  }

  /// The error for a name that is no field.
  /// - Parameter place: its byte.
  func unknown(_ name: String, at place: Int?) -> QueryError {
    let nearest = NearestName.find(name.lowercased(), in: Self.fields)
    let hint = nearest.map { ": did you mean \($0)?" } ?? ": docs/records.schema.json has them all"
    return QueryError(
      reason: "there is no field '\(name)'\(hint)",
      position: place.map { Self.position(of: $0, in: bytes) })
  }

  /// The number of the character that a byte belongs to, from 1.
  static func position(of byte: Int, in bytes: [UInt8]) -> Int {
    1 + bytes.prefix(byte).count { $0 & 0xc0 != 0x80 }
  }

  private func refusal(_ reason: String, _ token: SQLToken) -> QueryError {
    QueryError(
      reason: reason, position: Self.position(of: token.range.lowerBound, in: bytes))
  }

  private func checkBrackets(_ tokens: [SQLToken]) throws(QueryError) {
    var open: [SQLToken] = []
    for token in tokens where token.kind == .sign {
      if token.text == "(" { open.append(token) }
      if token.text == ")", open.popLast() == nil {
        throw refusal("this bracket closes none", token)
      }
    }
    if let token = open.last { throw refusal("this bracket is not closed", token) }
  }

  private static let forbidden: Set = ["select", "values", "with", "over", "exists", "raise"]

  /// SQLite's own names for what the record has not.
  private static let rowNumbers: Set = ["rowid", "oid", "_rowid_"]

  private mutating func check(_ tokens: [SQLToken], at index: Int) throws(QueryError) {
    let token = tokens[index]
    if token.kind == .word, Self.forbidden.contains(token.text) {
      throw refusal("an expression about one record has no \(token.text.uppercased())", token)
    }
    if token.kind == .word, Self.rowNumbers.contains(token.text) {
      throw unknown(token.text, at: token.range.lowerBound)
    }
    if token.kind == .word, token.text == "in",
      !(index + 1 < tokens.count && tokens[index + 1].text == "(")
    {
      throw refusal("IN needs a list: nstype IN ('net', 'user')", token)
    }
    guard token.kind == .quotedName, !Self.known.contains(token.text.lowercased()) else { return }
    guard bytes[token.range.lowerBound] == UInt8(ascii: "\""), Self.isCompared(tokens, index) else {
      throw unknown(token.text, at: token.range.lowerBound)
    }
    makeParameter(of: token)
  }

  private mutating func makeParameter(of token: SQLToken) {
    for place in token.range { bytes[place] = UInt8(ascii: " ") }
    bytes[token.range.lowerBound] = UInt8(ascii: "?")
    texts.append(token.text)
  }

  private static let operators: Set = ["=", "==", "<>", "!=", "<", "<=", ">", ">="]
  private static let comparing: Set = ["like", "glob", "is", "between"]

  /// Whether a value is compared with this one: `op = "x"`, `op IS NOT "x"`, `op IN ("x", "y")`.
  private static func isCompared(_ tokens: [SQLToken], _ index: Int) -> Bool {
    if index + 1 < tokens.count, isOperator(tokens[index + 1]) { return false }
    guard index > 1 else { return false }
    let before = tokens[index - 1]
    if before.kind == .word, before.text == "not" { return tokens[index - 2].text == "is" }
    return isOperator(before) || isInList(tokens, index)
  }

  private static func isOperator(_ token: SQLToken) -> Bool {
    token.kind == .sign && operators.contains(token.text)
      || token.kind == .word && comparing.contains(token.text)
  }

  private static func isInList(_ tokens: [SQLToken], _ index: Int) -> Bool {
    var place = index - 1
    while place > 0, tokens[place].text == ",", tokens[place].kind == .sign {
      guard [.text, .quotedName, .number].contains(tokens[place - 1].kind) else { return false }
      place -= 2
    }
    guard place > 1, tokens[place].text == "(" else { return false }
    return tokens[place - 1].kind == .word && tokens[place - 1].text == "in"
  }
}
