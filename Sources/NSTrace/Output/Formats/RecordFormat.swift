// SPDX-License-Identifier: Apache-2.0

/// A text format of the records. All formats state the same facts.
package protocol RecordFormat: Sendable {
  /// Appends all records of `event`.
  mutating func write(_ event: borrowing AuditEvent, to text: inout TextBuffer)

  /// Appends all records of an event of the kernel's audit, and the containers that it mentions.
  mutating func write(_ event: borrowing KernelEvent, to text: inout TextBuffer)

  /// Appends the heading above the first record.
  mutating func writeHeading(to text: inout TextBuffer)

  /// Adapts to a terminal's width in columns; nil: lines of any length.
  /// - Returns: whether the columns change, so that a new heading is needed.
  mutating func resize(columns: Int?) -> Bool
}

extension RecordFormat {
  package mutating func writeHeading(to text: inout TextBuffer) {}

  package mutating func resize(columns: Int?) -> Bool { false }
}
