// SPDX-License-Identifier: Apache-2.0

internal import CSQLite
package import NSTrace

/// An SQL expression over the fields of a record, evaluated by SQLite (`--where`).
///
/// SQLite has a database without any file, and in it one virtual table, `record`, whose only row is the record that is
/// asked about. The statement is prepared once and goes on for ever: each step reads the next row.
@safe package final class SQLCondition: RecordCondition {
  private let database: OpaquePointer
  private let statement: OpaquePointer
  private let access: SQLAccess
  private let row: RecordRow
  /// The number of records that SQLite could not evaluate the expression for. They count as selected.
  package private(set) var failures: UInt64 = 0
  /// What SQLite said of the first of them; nil: there was none.
  package private(set) var failure: String?

  /// - Parameter text: the expression.
  /// - Throws: `QueryError`
  package init(_ text: String) throws(QueryError) {
    let expression = try SQLExpression(text)
    let (access, row) = (SQLAccess(), RecordRow())
    let database = try unsafe SQLDatabase.open(access, row)
    do throws(QueryError) {
      // A condition has no aggregates, a column may have.
      let check = try unsafe SQLDatabase.prepare(
        "SELECT 1 FROM record WHERE (", expression, ")", database, access)
      unsafe sqlite3_finalize(check)
      unsafe statement = try unsafe SQLDatabase.prepare(
        "SELECT (", expression, ") IS TRUE FROM record", database, access)
    } catch {
      unsafe sqlite3_close_v2(database)
      throw error
    }
    self.access = access
    self.row = row
    unsafe self.database = unsafe database
  }

  deinit {
    unsafe sqlite3_finalize(statement)
    unsafe sqlite3_close_v2(database)
  }

  package func selects(_ record: RecordLines, in text: UnsafeRawBufferPointer) -> Bool {
    access.stepsLeft = SQLAccess.stepsMax
    unsafe row.put(record, text)
    defer { row.remove() }
    let result = unsafe sqlite3_step(statement)
    if result == SQLITE_ROW { return unsafe sqlite3_column_int(statement, 0) != 0 }
    failures += 1
    if failure == nil { unsafe failure = String(cString: sqlite3_errmsg(database)) }
    unsafe sqlite3_reset(statement)
    return true
  }
}
