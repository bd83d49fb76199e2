// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// Keeps the text of a format.
struct PrintingSink: TrackerSink, ~Copyable {
  private var format: AnyFormat
  private(set) var text = TextBuffer()

  init(_ format: AnyFormat) {
    self.format = format
    self.format.writeHeading(to: &text)
  }

  mutating func write(_ event: borrowing AuditEvent) { format.write(event, to: &text) }

  var printed: String { String(decoding: text.bytes, as: UTF8.self) }
}
