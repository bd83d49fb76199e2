// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// Formats every eighth event in each format, and keeps only the sizes. Every event would take most
/// of an unoptimised build's time.
struct FormattingSink: TrackerSink, ~Copyable {
  private var audit = AuditLineFormat(spelling: .numbers(base: .max))
  private var json = JSONLinesFormat()
  private var table = TableFormat(TerminalStyle(isColored: true))
  private var text = TextBuffer()
  private(set) var events = 0
  private(set) var lines = 0

  mutating func write(_ event: borrowing AuditEvent) {
    events += 1
    guard events % 8 == 0 else { return }
    audit.write(event, to: &text)
    json.write(event, to: &text)
    table.write(event, to: &text)
    lines += text.bytes.count { $0 == UInt8(ascii: "\n") }
    text.removeAll()
  }
}
