// SPDX-License-Identifier: Apache-2.0

internal import CSQLite
internal import NSTrace

/// The row of the table `record`: the record that is asked about, read as far as the expression needs it.
@safe final class RecordRow {
  private let reader = FieldReader()
  private var record = RecordLines(own: 0..<0)
  /// Valid while there is a record.
  private var text = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
  /// Whether a record waits to be read.
  private var isPending = false
  /// Whether the table stands at its end: no record has come since the last.
  private(set) var isAtEnd = true

  /// - Parameter text: has to stay until `remove`.
  func put(_ record: RecordLines, _ text: UnsafeRawBufferPointer) {
    self.record = record
    unsafe self.text = unsafe text
    isPending = true
  }

  func remove() {
    isPending = false
    unsafe text = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// Goes to the record that waits, or to the end.
  func advance() {
    isAtEnd = !isPending
    isPending = false
  }

  /// Hands SQLite a field.
  func give(_ field: Int, to context: OpaquePointer) {
    switch value(of: field) {
    case .null: unsafe sqlite3_result_null(context)
    case .number(let number): unsafe sqlite3_result_int64(context, number)
    case .plain(let range):
      let part = unsafe UnsafeRawBufferPointer(rebasing: text[range])
      unsafe nst_sqlite_result(
        context, part.assumingMemoryBound(to: CChar.self).baseAddress, Int32(part.count))
    case .made(let bytes):
      unsafe bytes.withUnsafeBytes { bytes in
        // Without an address it would be NULL.
        let text = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress ?? Self.empty
        unsafe nst_sqlite_result(context, text, Int32(bytes.count))
      }
    }
  }

  @safe private nonisolated(unsafe) static let empty: UnsafePointer<CChar> = {
    let place = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    unsafe place.initialize(to: 0)
    return unsafe UnsafePointer(place)
  }()

  /// The record's own, or that of the record of its event that has such a field.
  private func value(of field: Int) -> FieldValue {
    guard RecordField.all.indices.contains(field) else { return .null }
    let own = unsafe reader.value(of: field, in: record.own, text, isNested: record.isKernel)
    let home = RecordField.all[field].home
    guard own == .null, home != .own, let other = record[home] else { return own }
    return unsafe reader.value(of: field, in: other, text, isNested: false)
  }
}
