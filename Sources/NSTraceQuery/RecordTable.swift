// SPDX-License-Identifier: Apache-2.0

internal import CSQLite
internal import NSTrace

/// The virtual table `record`, with a column for each field of the schema.
enum RecordTable {
  /// SQLite's part comes first.
  @safe struct Table {
    var base = unsafe sqlite3_vtab()
    var row: Unmanaged<RecordRow>
  }

  @safe struct Cursor {
    var base = unsafe sqlite3_vtab_cursor()
    var row: Unmanaged<RecordRow>
  }

  /// What the table's functions are given.
  private final class Source {
    let row: RecordRow
    let access: SQLAccess

    init(_ row: RecordRow, _ access: SQLAccess) {
      self.row = row
      self.access = access
    }
  }

  /// With the types that SQL compares them by: `uid = '0'` is `uid = 0`.
  static var declaration: String {
    let columns = RecordField.all.map {
      "\"\($0.name)\" \($0.kind == .number ? "INTEGER" : "TEXT")"
    }
    return "CREATE TABLE record (\(columns.joined(separator: ", ")))"
  }

  static func declare(_ row: RecordRow, _ access: SQLAccess, in database: OpaquePointer) {
    let source = unsafe Unmanaged.passRetained(Source(row, access)).toOpaque()
    unsafe sqlite3_create_module_v2(database, "record", module, source) { source in
      guard let source = unsafe source else { return }
      unsafe Unmanaged<Source>.fromOpaque(source).release()
    }
  }

  @safe private nonisolated(unsafe) static let module: UnsafePointer<sqlite3_module> = {
    var module = sqlite3_module()
    unsafe module.xConnect = { database, source, _, _, table, _ in
      unsafe connect(database, source, table)
    }
    unsafe module.xBestIndex = { _, info in
      unsafe info?.pointee.estimatedCost = 1
      return SQLITE_OK
    }
    unsafe module.xDisconnect = { table in
      guard let table = unsafe table else { return SQLITE_OK }
      unsafe UnsafeMutableRawPointer(table).assumingMemoryBound(to: Table.self).deallocate()
      return SQLITE_OK
    }
    unsafe module.xOpen = { unsafe open($0, $1) }
    unsafe module.xClose = { cursor in
      guard let cursor = unsafe cursor else { return SQLITE_OK }
      unsafe UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: Cursor.self).deallocate()
      return SQLITE_OK
    }
    unsafe module.xFilter = { cursor, _, _, _, _ in unsafe advance(cursor) }
    unsafe module.xNext = { unsafe advance($0) }
    unsafe module.xEof = { unsafe row(of: $0)?.isAtEnd == false ? 0 : 1 }
    unsafe module.xColumn = { cursor, context, field in
      guard let row = unsafe row(of: cursor), let context = unsafe context else {
        return SQLITE_ERROR
      }
      unsafe row.give(Int(field), to: context)
      return SQLITE_OK
    }
    unsafe module.xRowid = { _, id in
      unsafe id?.pointee = 0
      return SQLITE_OK
    }
    let place = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
    unsafe place.initialize(to: module)
    return unsafe UnsafePointer(place)
  }()

  private static func connect(
    _ database: OpaquePointer?, _ source: UnsafeMutableRawPointer?,
    _ table: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?
  ) -> Int32 {
    guard let source = unsafe source, let table = unsafe table else { return SQLITE_ERROR }
    let owner = unsafe Unmanaged<Source>.fromOpaque(source).takeUnretainedValue()
    owner.access.isDeclaring = true
    defer { owner.access.isDeclaring = false }
    let result = unsafe sqlite3_declare_vtab(database, declaration)
    guard result == SQLITE_OK else { return result }
    let new = UnsafeMutablePointer<Table>.allocate(capacity: 1)
    unsafe new.initialize(to: Table(row: Unmanaged.passUnretained(owner.row)))
    unsafe table.pointee = UnsafeMutableRawPointer(new).assumingMemoryBound(to: sqlite3_vtab.self)
    return SQLITE_OK
  }

  private static func open(
    _ table: UnsafeMutablePointer<sqlite3_vtab>?,
    _ cursor: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>?
  ) -> Int32 {
    guard let table = unsafe table, let cursor = unsafe cursor else { return SQLITE_ERROR }
    let row = unsafe UnsafeMutableRawPointer(table).assumingMemoryBound(to: Table.self).pointee.row
    let new = UnsafeMutablePointer<Cursor>.allocate(capacity: 1)
    unsafe new.initialize(to: Cursor(row: row))
    unsafe cursor.pointee = UnsafeMutableRawPointer(new)
      .assumingMemoryBound(to: sqlite3_vtab_cursor.self)
    return SQLITE_OK
  }

  private static func row(of cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> RecordRow? {
    guard let cursor = unsafe cursor else { return nil }
    return unsafe UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: Cursor.self)
      .pointee.row.takeUnretainedValue()
  }

  private static func advance(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 {
    guard let row = unsafe row(of: cursor) else { return SQLITE_ERROR }
    row.advance()
    return SQLITE_OK
  }
}
