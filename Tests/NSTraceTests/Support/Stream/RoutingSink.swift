// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// Writes containers' copies, and keeps the events.
struct RoutingSink: TrackerSink {
  let routes: Routes
  var events: [AuditEvent] = []

  mutating func write(_ event: borrowing AuditEvent) {
    events.append(copy event)
    routes.write(event)
  }
}
