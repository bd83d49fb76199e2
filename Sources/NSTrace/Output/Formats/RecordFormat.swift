// SPDX-License-Identifier: Apache-2.0

/// One spelling of the records. All say the same.
package protocol RecordFormat: Sendable {
  /// Appends all records of `event`.
  mutating func write(_ event: borrowing AuditEvent, to text: inout TextBuffer)

  /// Appends what stands above the first record.
  mutating func writeHeading(to text: inout TextBuffer)

  /// The terminal is so wide from now on; nil: lines may be of any length.
  /// - Returns: whether other columns follow, for which there has to be a heading again.
  mutating func resize(columns: Int?) -> Bool
}

extension RecordFormat {
  package mutating func writeHeading(to text: inout TextBuffer) {}

  package mutating func resize(columns: Int?) -> Bool { false }
}
