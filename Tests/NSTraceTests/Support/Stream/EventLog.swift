// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// A sink that keeps all events.
struct EventLog: TrackerSink {
  private(set) var events: [AuditEvent] = []

  mutating func write(_ event: borrowing AuditEvent) { events.append(copy event) }
}
