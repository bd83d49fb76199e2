// SPDX-License-Identifier: Apache-2.0

/// A word or a sign of an SQL expression, as SQLite separates them.
struct SQLToken {
  enum Kind: Equatable {
    /// A name or a word of the language, without quotes.
    case word
    /// In double quotes, `[]` or backquotes.
    case quotedName
    /// In single quotes.
    case text
    case number
    case sign
  }

  var kind: Kind
  /// Its bytes in the expression.
  var range: Range<Int>
  /// A word in lower case; what stands in quotes, without them; else the sign.
  var text: String
}
