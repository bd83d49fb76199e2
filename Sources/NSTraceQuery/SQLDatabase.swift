// SPDX-License-Identifier: Apache-2.0

internal import CSQLite

/// The database of an expression: in memory, with the table `record` alone, and with bounds for everything.
enum SQLDatabase {
  private static let lengthMax: Int32 = 1 << 20
  /// Of all that SQLite holds in this process.
  private static let heapMax: Int64 = 32 << 20

  /// The limits that an expression can come up against, and those of what it has no use for.
  private static let limits: [(Int32, Int32)] = [
    (SQLITE_LIMIT_LENGTH, lengthMax), (SQLITE_LIMIT_SQL_LENGTH, 1 << 15),
    (SQLITE_LIMIT_EXPR_DEPTH, 200), (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256),
    (SQLITE_LIMIT_FUNCTION_ARG, 16), (SQLITE_LIMIT_VDBE_OP, 100_000),
    (SQLITE_LIMIT_COMPOUND_SELECT, 1), (SQLITE_LIMIT_ATTACHED, 0),
    (SQLITE_LIMIT_TRIGGER_DEPTH, 0), (SQLITE_LIMIT_WORKER_THREADS, 0),
  ]

  private static let settings: [(Int32, Int32)] = [
    (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
    (SQLITE_DBCONFIG_DQS_DML, 0), (SQLITE_DBCONFIG_DQS_DDL, 0),
    (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0), (SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
    (SQLITE_DBCONFIG_ENABLE_VIEW, 0),
  ]

  /// - Parameters:
  ///   - access: decides about each statement. It outlives the database.
  ///   - row: the row of the table. It outlives the database.
  /// - Throws: `QueryError` if there is no memory.
  static func open(_ access: SQLAccess, _ row: RecordRow) throws(QueryError) -> OpaquePointer {
    sqlite3_hard_heap_limit64(heapMax)
    var database: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX
    guard unsafe sqlite3_open_v2(":memory:", &database, flags, nil) == SQLITE_OK,
      let database = unsafe database
    else { throw QueryError(reason: "SQLite does not open", position: nil) }
    for (limit, value) in limits { unsafe sqlite3_limit(database, limit, value) }
    for (setting, value) in settings { unsafe nst_sqlite_set(database, setting, value) }
    unsafe RecordTable.declare(row, access, in: database)
    let pointer = unsafe Unmanaged.passUnretained(access).toOpaque()
    unsafe sqlite3_set_authorizer(
      database,
      { access, action, first, second, _, _ in
        guard let access = unsafe access else { return SQLITE_DENY }
        let rules = unsafe Unmanaged<SQLAccess>.fromOpaque(access).takeUnretainedValue()
        let isAllowed = unsafe rules.allows(
          action, first.map { unsafe String(cString: $0) },
          second.map { unsafe String(cString: $0) })
        return isAllowed ? SQLITE_OK : SQLITE_DENY
      }, pointer)
    unsafe sqlite3_progress_handler(
      database, SQLAccess.period,
      { access in
        guard let access = unsafe access else { return 1 }
        let rules = unsafe Unmanaged<SQLAccess>.fromOpaque(access).takeUnretainedValue()
        rules.stepsLeft -= 1
        return rules.stepsLeft < 0 ? 1 : 0
      }, pointer)
    return unsafe database
  }

  /// Prepares the statement that has the expression between two texts.
  /// - Throws: `QueryError`, with SQLite's own words and the place in the expression.
  static func prepare(
    _ before: String, _ expression: SQLExpression, _ after: String, _ database: OpaquePointer,
    _ access: SQLAccess
  ) throws(QueryError) -> OpaquePointer {
    access.begin()
    let sql = Array(before.utf8) + expression.bytes + Array(after.utf8)
    var statement: OpaquePointer?
    var rest: UnsafePointer<CChar>?
    var used = 0
    let result = unsafe sql.withUnsafeBytes { sql in
      let text = unsafe sql.assumingMemoryBound(to: CChar.self).baseAddress
      let result = unsafe sqlite3_prepare_v2(database, text, Int32(sql.count), &statement, &rest)
      if let text = unsafe text, let rest = unsafe rest { used = unsafe rest - text }
      return result
    }
    guard result == SQLITE_OK, let statement = unsafe statement else {
      throw unsafe error(in: database, expression, behind: before.utf8.count)
    }
    guard used == sql.count else {
      unsafe sqlite3_finalize(statement)
      throw QueryError(reason: "one expression is expected", position: nil)
    }
    for (index, text) in expression.texts.enumerated() {
      unsafe nst_sqlite_bind(statement, Int32(index + 1), text, Int32(text.utf8.count))
    }
    return unsafe statement
  }

  private static func error(
    in database: OpaquePointer, _ expression: SQLExpression, behind prefix: Int
  ) -> QueryError {
    let message = unsafe String(cString: sqlite3_errmsg(database))
    let offset = unsafe Int(sqlite3_error_offset(database)) - prefix
    let place = (0...expression.bytes.count).contains(offset) ? offset : nil
    if let name = message.wholeMatch(of: /no such column: (.+)/)?.1 {
      return expression.unknown(String(name), at: place)
    }
    return QueryError(
      reason: message, position: place.map { SQLExpression.position(of: $0, in: expression.bytes) })
  }
}
