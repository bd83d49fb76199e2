// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// One raw record of a stream, and the audit events that were printed because of it, as they are read.
struct Evidence {
  var raw: RawRecord
  var events: [PrintedEvent]
  /// The serial printed last before.
  var serialBefore: UInt64

  /// What shows it: the serials of the events, or else the last one before.
  var serials: [UInt64] { events.isEmpty ? [serialBefore] : events.map(\.serial) }

  /// Each NS_CREATE, NS_CHANGE and NS_DESTROY record with the event that it stands in.
  var namespaceRecords: [(record: NamespaceRecord, event: PrintedEvent)] {
    events.flatMap { event in event.namespaces.map { ($0, event) } }
  }

  /// Each CONTAINER_OP record with op=set.
  var sets: [ContainerRecord] { containerRecords.map(\.record).filter { $0.verb == .set } }

  /// Of a registration: a task was put into a container.
  var isGranted: Bool { sets.contains(where: \.granted) }

  /// Each CONTAINER_OP record with the event that it stands in.
  var containerRecords: [(record: ContainerRecord, event: PrintedEvent)] {
    events.flatMap { event in event.containers.map { ($0, event) } }
  }
}
