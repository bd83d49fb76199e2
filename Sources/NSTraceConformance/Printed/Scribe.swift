// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Writes events in each spelling that is judged.
struct Scribe {
  private var audit = AuditLineFormat()
  private var json = JSONLinesFormat()

  mutating func write(_ events: [AuditEvent]) -> Transcript {
    if events.isEmpty { return Transcript() }
    var lines = TextBuffer()
    var objects = TextBuffer()
    for event in events {
      audit.write(event, to: &lines)
      json.write(event, to: &objects)
    }
    return Transcript(audit: lines.bytes, json: objects.bytes)
  }
}
