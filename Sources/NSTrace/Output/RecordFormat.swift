// SPDX-License-Identifier: Apache-2.0

/// One spelling of the records. All say the same.
public protocol RecordFormat: Sendable {
  /// Appends all records of `event`.
  mutating func write(_ event: borrowing AuditEvent, to text: inout TextBuffer)

  /// Appends what stands above the first record.
  mutating func writeHeading(to text: inout TextBuffer)
}

extension RecordFormat {
  public mutating func writeHeading(to text: inout TextBuffer) {}
}
