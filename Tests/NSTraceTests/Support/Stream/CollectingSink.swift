// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

/// Keeps the audit events.
struct CollectingSink: TrackerSink {
  var events: [ObservedEvent] = []
  /// Events of the kernel's own audit.
  var kernelEvents: [KernelEvent] = []
  /// The names of containers, as they came.
  var names: [String] = []

  mutating func write(_ event: borrowing KernelEvent) { kernelEvents.append(copy event) }

  mutating func note(name: [UInt8], of id: ContainerID) {
    names.append("\(id)=\(String(decoding: name, as: UTF8.self))")
  }

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
