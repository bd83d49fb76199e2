// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

/// Keeps the audit events.
struct CollectingSink: TrackerSink {
  var events: [ObservedEvent] = []

  mutating func write(_ event: borrowing AuditEvent) {
    events.append(
      ObservedEvent(
        serial: event.serial, timeNs: event.timeNs, actor: event.subject?.task.tid,
        exe: event.exe, exeMarks: event.exeMarks, records: event.namespaces, lost: event.lost,
        containers: event.containers, sessions: event.sessions,
        visits: event.visits.sorted { $0.session < $1.session }, info: event.info,
        lifecycle: event.lifecycle))
  }
}
