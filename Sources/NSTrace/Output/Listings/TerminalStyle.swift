// SPDX-License-Identifier: Apache-2.0

/// The abilities of the terminal that a table goes to.
package struct TerminalStyle: Sendable {
  package var isColored: Bool
  /// Whether it shows UTF-8.
  package var isUnicode: Bool
  /// Its width in columns; nil: lines may be of any length, as in a file.
  package var columns: Int?

  package init(isColored: Bool = false, isUnicode: Bool = false, columns: Int? = nil) {
    self.isColored = isColored
    self.isUnicode = isUnicode
    self.columns = columns
  }

  /// The least width of a table: on a narrower terminal lines are longer than it is wide.
  private static let narrowest = 72
  /// The width from which there is room for the wide columns and a command.
  private static let wide = 100

  var isNarrow: Bool { columns.map { $0 < Self.wide } ?? false }

  var text: TerminalText { TerminalText(isUnicode: isUnicode) }

  /// The columns that are left on a line behind `used` ones.
  func room(behind used: Int) -> Int {
    guard let columns else { return .max }
    return max(0, max(columns, Self.narrowest) - used)
  }
}
