// SPDX-License-Identifier: Apache-2.0

/// Untrusted text as a terminal may show it, and the columns that it takes there.
///
/// Shown as they are: ASCII, and on a UTF-8 terminal the letters, digits, signs and symbols of
/// scripts that run from left to right. Every other byte is `\xNN`: control characters, characters
/// that change a line's direction or belong to a script that does, characters without a width of
/// their own, and what is not UTF-8. A space is escaped, so that a name does not look like two
/// fields.
struct TerminalText {
  var isUnicode: Bool
  /// Whether the text is escaped already, so that a backslash begins an escape.
  var isEscaped = false

  /// For a client of a tracer: the client knows its terminal, and escapes the rest.
  static let asked = TerminalText(isUnicode: true)

  /// Marks the part that was left out.
  private var ellipsis: StaticString { isUnicode ? "…" : "~" }

  /// Appends the whole text.
  /// - Returns: the columns that it takes.
  @discardableResult
  func append(_ value: some Collection<UInt8>, to text: inout TextBuffer) -> Int {
    append(value, upTo: .max, to: &text).columns
  }

  /// Appends as much of the text as there is room for, with an ellipsis if that is not all.
  /// - Returns: the columns that it takes, `room` at most.
  @discardableResult
  func append(_ value: some Collection<UInt8>, within room: Int, to text: inout TextBuffer) -> Int {
    guard columns(of: value, upTo: room) > room else { return append(value, to: &text) }
    guard room > 0 else { return 0 }
    let columns = append(value, upTo: room - 1, to: &text).columns
    text.append(ellipsis)
    return columns + 1
  }

  /// Appends whole characters and escapes until the next has no room.
  func append(
    _ value: some Collection<UInt8>, upTo room: Int, to text: inout TextBuffer
  ) -> (bytes: Int, columns: Int) {
    var (taken, columns) = (0, 0)
    var rest = value[...]
    while let byte = rest.first {
      let shown = shownLength(at: rest)
      let width = shown?.columns ?? Self.escapeColumns
      guard width <= room - columns else { break }
      if let shown {
        text.append(raw: rest.prefix(shown.bytes))
      } else {
        text.append("\\x")
        text.append(hex: UInt64(byte), minimumDigits: 2)
      }
      let bytes = shown?.bytes ?? 1
      (taken, columns) = (taken + bytes, columns + width)
      rest = rest.dropFirst(bytes)
    }
    return (taken, columns)
  }

  /// The columns that it takes, or some number above `limit`.
  func columns(of value: some Collection<UInt8>, upTo limit: Int = .max) -> Int {
    var columns = 0
    var rest = value[...]
    while !rest.isEmpty, columns <= limit {
      let shown = shownLength(at: rest)
      columns += shown?.columns ?? Self.escapeColumns
      rest = rest.dropFirst(shown?.bytes ?? 1)
    }
    return columns
  }

  private static let escapeColumns = 4

  /// The first character's bytes and columns; nil: its first byte is escaped.
  private func shownLength(at text: some Collection<UInt8>) -> (bytes: Int, columns: Int)? {
    guard let first = text.first else { return nil }
    if first < 0x80 {
      let isShown = first > 0x20 && first < 0x7f && (isEscaped || first != UInt8(ascii: "\\"))
      return isShown ? (1, 1) : nil
    }
    guard isUnicode else { return nil }
    var decoder = UTF8()
    var bytes = text.prefix(4).makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return nil }
    return scalar.terminalColumns.map { (UTF8.width(scalar), $0) }
  }
}
