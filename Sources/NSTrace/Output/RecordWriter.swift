// SPDX-License-Identifier: Apache-2.0

/// Formats audit events and writes them to one place, in large pieces.
///
/// A write that fails is remembered and ends the writing, not the tracing: `failure` says why.
package struct RecordWriter<Format: RecordFormat>: ~Copyable {
  private var format: Format
  private var file: FileDescriptor
  private var text = TextBuffer()
  /// Why nothing is written any more.
  package private(set) var failure: SystemError?
  /// Audit events of which something was written.
  package private(set) var events: UInt64 = 0
  /// Records written: lines, but for a heading.
  package var records: UInt64 { text.records }

  /// What has gathered this long is written without waiting for the end of the batch.
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

  /// What follows is for a terminal of another width.
  package mutating func resize(columns: Int?) {
    if format.resize(columns: columns) { format.writeHeading(to: &text) }
  }

  /// Writes what has gathered.
  package mutating func flush() {
    guard failure == nil, text.count > 0 else { return }
    do throws(SystemError) {
      try unsafe text.withBytes { (bytes) throws(SystemError) in try unsafe file.write(bytes) }
    } catch {
      failure = error
    }
    text.removeAll()
  }

  /// The end was asked for: a reader that does not read is not waited for any longer.
  package mutating func hurry() { file.hurry() }

  /// Goes on in another file: the old one was moved away by a log rotation.
  package mutating func reopen(_ file: consuming FileDescriptor) {
    flush()
    self.file = file
  }
}
