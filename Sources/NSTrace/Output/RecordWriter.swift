// SPDX-License-Identifier: Apache-2.0

/// Formats audit events and writes them to one file, in large pieces.
///
/// A failed write ends the writing, not the tracing: `failure` has the error.
package struct RecordWriter<Format: RecordFormat>: ~Copyable {
  private var format: Format
  private var file: FileDescriptor
  private var text = TextBuffer()
  /// The error that ended the writing; nil: none.
  package private(set) var failure: SystemError?
  /// The number of audit events that were written, in whole or in part.
  package private(set) var events: UInt64 = 0
  /// The number of records written: all lines except headings.
  package var records: UInt64 { text.records }

  /// The buffered bytes from which a write does not wait for the end of the batch.
  private static var pieceBytes: Int { 1 << 16 }

  package init(_ format: Format, to file: consuming FileDescriptor) {
    self.format = format
    self.file = file
    self.format.writeHeading(to: &text)
  }

  package mutating func write(_ event: borrowing AuditEvent) {
    guard failure == nil else { return }
    let before = text.records
    format.write(event, to: &text)
    if text.records > before { events += 1 }
    if text.count >= Self.pieceBytes { flush() }
  }

  /// Adapts to the terminal's new width.
  package mutating func resize(columns: Int?) {
    if format.resize(columns: columns) { format.writeHeading(to: &text) }
  }

  /// Writes the buffered text.
  package mutating func flush() {
    guard failure == nil, text.count > 0 else { return }
    do throws(SystemError) {
      try unsafe text.withBytes { (bytes) throws(SystemError) in try unsafe file.write(bytes) }
    } catch {
      failure = error
    }
    text.removeAll()
  }

  /// Stops waiting for a reader that does not read: the end was requested.
  package mutating func hurry() { file.hurry() }

  /// Continues in another file: a log rotation moved the old one.
  package mutating func reopen(_ file: consuming FileDescriptor) {
    flush()
    self.file = file
  }
}
