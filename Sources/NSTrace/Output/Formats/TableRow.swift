// SPDX-License-Identifier: Apache-2.0

/// A line of a table that is being written, and the terminal columns that it has taken.
struct TableRow {
  private let style: TerminalStyle
  private var columns = 0

  init(_ style: TerminalStyle) { self.style = style }

  /// Appends the line of column names; the last one is not padded.
  mutating func heading(
    _ columns: [(name: StaticString, width: Int)], _ last: StaticString, _ text: inout TextBuffer
  ) {
    color(.bold, &text)
    for column in columns { cell(column.name, column.width, &text) }
    text.append(last)
    color(.reset, &text)
    text.append("\n")
  }

  /// The columns that are left on a line of the terminal.
  private var room: Int { style.room(behind: columns) }

  /// Appends a value, padded with at least one space to `width` columns.
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

  /// - Precondition: `write` appends ASCII.
  mutating func cell(
    _ width: Int, _ text: inout TextBuffer, _ write: (inout TextBuffer) -> Void
  ) {
    let start = text.count
    write(&text)
    pad(behind: text.count - start, to: width, &text)
  }

  /// Appends an untrusted name, elided on a narrow terminal if it is longer than its column.
  mutating func cell(name: [UInt8], _ width: Int, _ text: inout TextBuffer) {
    let written = style.text.append(
      name, within: style.isNarrow ? width - 1 : .max, to: &text)
    pad(behind: written, to: width, &text)
  }

  /// Appends a name that is elided on every terminal if it is longer than its column.
  mutating func cell(fitting name: [UInt8], _ width: Int, _ text: inout TextBuffer) {
    let room = style.columns == nil ? .max : width - 1
    pad(behind: style.text.append(name, within: room, to: &text), to: width, &text)
  }

  private mutating func pad(behind written: Int, to width: Int, _ text: inout TextBuffer) {
    let spaces = max(1, width - written)
    text.append(raw: repeatElement(UInt8(ascii: " "), count: spaces))
    columns += written + spaces
  }

  /// Appends ASCII at the end of the line, whether or not there is room.
  mutating func append(_ value: StaticString, _ text: inout TextBuffer) {
    text.append(value)
    columns += value.utf8CodeUnitCount
  }

  mutating func append(decimal value: UInt64, _ text: inout TextBuffer) {
    let start = text.count
    text.append(decimal: value)
    columns += text.count - start
  }

  /// Appends a name at the end of the line, elided to leave `reserved` columns free behind it.
  mutating func append(name: [UInt8], reserving reserved: Int = 0, _ text: inout TextBuffer) {
    columns += style.text.append(name, within: max(0, room - reserved), to: &text)
  }

  /// Appends untrusted words at the end of the line, as far as there is room, with one space between.
  mutating func append(words: some Collection<UInt8>, _ text: inout TextBuffer) {
    var isFirst = true
    for word in words.split(separator: UInt8(ascii: " ")) where hasRoom(for: 2) {
      if !isFirst { append(" ", &text) }
      isFirst = false
      append(name: Array(word), &text)
    }
  }

  /// Whether `columns` more columns fit.
  func hasRoom(for columns: Int) -> Bool { room >= columns }

  func color(_ color: TerminalColor, _ text: inout TextBuffer) {
    if style.isColored { text.append(color.sequence) }
  }
}
