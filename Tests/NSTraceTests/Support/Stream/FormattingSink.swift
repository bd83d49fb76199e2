// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// Spells every eighth event in every format, and keeps only how much that was: all of them would
/// take an unoptimised build most of its time.
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
