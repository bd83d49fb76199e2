// SPDX-License-Identifier: Apache-2.0

/// A line of text from another process, as a terminal can show it: unsafe characters are escaped,
/// and a long line is wrapped and indented.
package struct WrappedLine {
  private let style: TerminalStyle
  private let line: [UInt8]

  /// - Parameter line: without its newline. Escapes in it, `\xNN`, are kept.
  package init(_ line: [UInt8], for style: TerminalStyle) {
    self.line = line
    self.style = style
  }

  private static let furtherIn = 4
  /// Leaves room for text on each line.
  private static let deepest = 64

  /// The same, bold on a terminal with colours.
  package func append(isBold: Bool, to text: inout TextBuffer) {
    guard isBold, style.isColored else { return append(to: &text) }
    text.append("\u{1b}[1m")
    append(to: &text)
    text.append("\u{1b}[0m")
  }

  /// Appends the line and a newline.
  package func append(to text: inout TextBuffer) {
    let shown = TerminalText(isUnicode: style.isUnicode, isEscaped: true)
    let indent = min(line.prefix { $0 == UInt8(ascii: " ") }.count, Self.deepest)
    var column = 0
    var rest = line[...]
    while !rest.isEmpty {
      let spaces = rest.prefix { $0 == UInt8(ascii: " ") }.count
      let word = rest.dropFirst(spaces).prefix { $0 != UInt8(ascii: " ") }
      rest = rest[word.endIndex...]
      if column > 0, style.room(behind: column + spaces) < shown.columns(of: word) {
        text.append("\n")
        column = Self.pad(indent + Self.furtherIn, &text)
      } else {
        column += Self.pad(spaces, &text)
      }
      column = append(word, shown, from: column, indent: indent + Self.furtherIn, to: &text)
    }
    text.append("\n")
  }

  /// A word that is longer than a line is broken anywhere.
  private func append(
    _ word: ArraySlice<UInt8>, _ shown: TerminalText, from start: Int, indent: Int,
    to text: inout TextBuffer
  ) -> Int {
    var (column, rest) = (start, word)
    while true {
      let taken = shown.append(rest, upTo: style.room(behind: column), to: &text)
      column += taken.columns
      rest = rest.dropFirst(taken.bytes)
      guard !rest.isEmpty else { return column }
      text.append("\n")
      column = Self.pad(indent, &text)
    }
  }

  private static func pad(_ columns: Int, _ text: inout TextBuffer) -> Int {
    text.append(raw: repeatElement(UInt8(ascii: " "), count: columns))
    return columns
  }
}
