// SPDX-License-Identifier: Apache-2.0

/// A line of a table as it is written, and how many columns of the terminal it has taken.
struct TableRow {
  private let style: TerminalStyle
  private var columns = 0

  init(_ style: TerminalStyle) { self.style = style }

  /// Appends the line of names above the columns; the last column is as wide as it needs to be.
  mutating func heading(
    _ columns: [(name: StaticString, width: Int)], _ last: StaticString, _ text: inout TextBuffer
  ) {
    color(.bold, &text)
    for column in columns { cell(column.name, column.width, &text) }
    text.append(last)
    color(.reset, &text)
    text.append("\n")
  }

  /// How many columns are left on a line of the terminal.
  private var room: Int { style.room(behind: columns) }

  /// Appends a value and spaces up to `width` columns behind its beginning, and one at least.
  mutating func cell(_ value: StaticString, _ width: Int, _ text: inout TextBuffer) {
    text.append(value)
    pad(behind: value.utf8CodeUnitCount, to: width, &text)
  }

  mutating func cell(_ value: UInt64?, _ width: Int, _ text: inout TextBuffer) {
    guard let value else { return cell("-", width, &text) }
    let start = text.count
    text.append(decimal: value)
    pad(behind: text.count - start, to: width, &text)
  }

  mutating func cell(_ value: UInt32?, _ width: Int, _ text: inout TextBuffer) {
    cell(value.map { UInt64($0) }, width, &text)
  }

  /// What `write` appends must be ASCII.
  mutating func cell(
    _ width: Int, _ text: inout TextBuffer, _ write: (inout TextBuffer) -> Void
  ) {
    let start = text.count
    write(&text)
    pad(behind: text.count - start, to: width, &text)
  }

  /// A name that somebody chose, elided on a narrow terminal where it is longer than its column.
  mutating func cell(name: [UInt8], _ width: Int, _ text: inout TextBuffer) {
    let written = style.text.append(
      name, within: style.isNarrow ? width - 1 : .max, to: &text)
    pad(behind: written, to: width, &text)
  }

  private mutating func pad(behind written: Int, to width: Int, _ text: inout TextBuffer) {
    let spaces = max(1, width - written)
    text.append(raw: repeatElement(UInt8(ascii: " "), count: spaces))
    columns += written + spaces
  }

  /// ASCII at the end of the line, whatever room there is.
  mutating func append(_ value: StaticString, _ text: inout TextBuffer) {
    text.append(value)
    columns += value.utf8CodeUnitCount
  }

  mutating func append(decimal value: UInt64, _ text: inout TextBuffer) {
    let start = text.count
    text.append(decimal: value)
    columns += text.count - start
  }

  /// A name at the end of the line, elided to leave room for `reserved` columns behind it.
  mutating func append(name: [UInt8], reserving reserved: Int = 0, _ text: inout TextBuffer) {
    columns += style.text.append(name, within: max(0, room - reserved), to: &text)
  }

  /// Whether so much would still have room.
  func hasRoom(for columns: Int) -> Bool { room >= columns }

  func color(_ color: TerminalColor, _ text: inout TextBuffer) {
    if style.isColored { text.append(color.sequence) }
  }
}
