// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// One raw record of a stream, with the audit events that it has caused, as read back from their
/// text.
struct Evidence {
  var raw: RawRecord
  var events: [PrintedEvent]
  /// The serials that a verdict names: those of the events, or else the last one before the record.
  let serials: [UInt64]

  /// - Parameter serialBefore: the last serial before the record.
  init(raw: RawRecord, events: [PrintedEvent], serialBefore: UInt64) {
    self.raw = raw
    self.events = events
    serials = events.isEmpty ? [serialBefore] : events.map(\.serial)
  }

  /// Each NS_CREATE, NS_CHANGE and NS_DESTROY record with its event.
  var namespaceRecords: [(record: NamespaceRecord, event: PrintedEvent)] {
    events.flatMap { event in event.namespaces.map { ($0, event) } }
  }

  /// Each CONTAINER_OP record with op=set.
  var sets: [ContainerRecord] { containerRecords.map(\.record).filter { $0.verb == .set } }

  /// Whether a registration has put a task into a container.
  var isGranted: Bool { sets.contains(where: \.granted) }

  /// Each CONTAINER_OP record with its event.
  var containerRecords: [(record: ContainerRecord, event: PrintedEvent)] {
    events.flatMap { event in event.containers.map { ($0, event) } }
  }
}
