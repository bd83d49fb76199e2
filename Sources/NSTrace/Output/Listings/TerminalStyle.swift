// SPDX-License-Identifier: Apache-2.0

/// How a table is to be shown: what the terminal that it goes to can do.
package struct TerminalStyle: Sendable {
  package var isColored: Bool
  /// It takes UTF-8.
  package var isUnicode: Bool
  /// Its width; nil: lines may be of any length, as in a file.
  package var columns: Int?

  package init(isColored: Bool = false, isUnicode: Bool = false, columns: Int? = nil) {
    self.isColored = isColored
    self.isUnicode = isUnicode
    self.columns = columns
  }

  /// Nobody reads a table in less; lines are longer then than the terminal is wide.
  private static let narrowest = 72
  /// From here on there is room for the roomy columns and a command.
  private static let wide = 100

  var isNarrow: Bool { columns.map { $0 < Self.wide } ?? false }

  var text: TerminalText { TerminalText(isUnicode: isUnicode) }

  /// How much room is left on a line behind so many columns.
  func room(behind used: Int) -> Int {
    guard let columns else { return .max }
    return max(0, max(columns, Self.narrowest) - used)
  }
}
