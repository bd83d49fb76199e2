// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The events that a tracker has written since they were last taken.
struct WrittenEvents: TrackerSink {
  var events: [AuditEvent] = []

  mutating func write(_ event: borrowing AuditEvent) { events.append(copy event) }
}
