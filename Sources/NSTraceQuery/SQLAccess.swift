// SPDX-License-Identifier: Apache-2.0

internal import CSQLite

/// What an expression may ask of SQLite: the fields of the record, and functions that compute a value of given ones.
/// Everything else is refused: tables, files, settings, and functions that load, draw lots, or ask the clock.
final class SQLAccess {
  /// Whether the table is being declared, which is no deed of the expression's.
  var isDeclaring = false
  /// How often SELECT has been seen in the statement.
  private var selects = 0
  /// How many periods of SQLite's virtual machine the evaluation may still take.
  var stepsLeft = stepsMax

  /// How many of its instructions are a period.
  static let period: Int32 = 100_000
  /// No expression of the longest length takes so many instructions.
  static let stepsMax = 10

  /// Forgets the last statement.
  func begin() {
    selects = 0
    stepsLeft = Self.stepsMax
  }

  func allows(_ action: Int32, _ first: String?, _ second: String?) -> Bool {
    if isDeclaring { return true }
    switch action {
    case SQLITE_SELECT:
      selects += 1
      return selects == 1
    case SQLITE_READ: return first == "record"
    case SQLITE_FUNCTION: return second.map { Self.functions.contains($0.lowercased()) } ?? false
    default: return false
    }
  }

  static let functions: Set = [
    "->", "->>", "abs", "char", "coalesce", "glob", "hex", "ifnull", "iif", "instr",
    "json_array_length", "json_extract", "json_type", "json_valid", "length", "like", "lower",
    "ltrim", "max", "min", "nullif", "replace", "round", "rtrim", "sign", "substr", "substring",
    "trim", "typeof", "unicode", "upper",
  ]
}
