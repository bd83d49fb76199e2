// SPDX-License-Identifier: Apache-2.0

/// An audit event that is being made, and what ended with it.
///
/// `Tracker.begin` gives it and `Tracker.finish` consumes it. It cannot be copied, and whatever adds a record
/// needs it: no record can be added outside of an event, and no event is written twice.
///
/// Changes of containers' lists and confinement are not in here: some happen between two events, and so the state
/// keeps them until an event says them.
struct EventDraft: ~Copyable {
  // Not private, as `SubjectTable.Entry`.
  struct Contents: ~Copyable {
    var event = AuditEvent()
    var ended = NamespaceState.Departure()
  }

  /// In memory of its own: to copy an event costs a tenth of all that is done for it.
  private var contents = Box(Contents())

  var event: AuditEvent {
    @inline(__always) _read { yield contents.value.event }
    @inline(__always) _modify { yield &contents.value.event }
  }

  /// What ended when a task left its last set.
  var ended: NamespaceState.Departure {
    @inline(__always) _read { yield contents.value.ended }
    @inline(__always) _modify { yield &contents.value.ended }
  }

  /// Whether it has no record to write.
  @inline(__always)
  var isEmpty: Bool { contents.value.isEmpty }

  /// Gives it a number, and its records their order.
  @inline(__always)
  mutating func complete(serial: UInt64) { contents.value.complete(serial: serial) }

  func write(to sink: inout some AuditEventSink & ~Copyable) { contents.value.write(to: &sink) }

  /// R9: no task uses the namespaces any more that ended.
  /// - Parameters:
  ///   - opid: the task that left them.
  ///   - containers: of that task.
  @inline(__always)
  mutating func destroyEnded(
    opid: UInt32, _ containers: ContainerList, op: (NamespaceID) -> Operation
  ) {
    contents.value.destroyEnded(opid: opid, containers, op: op)
  }

  /// R11: the last task of the containers that ended has gone.
  mutating func dropEnded(opid: UInt32) { contents.value.dropEnded(opid: opid) }
}

extension EventDraft.Contents {
  @inline(__always)
  var isEmpty: Bool { event.isEmpty }

  @inline(__always)
  mutating func complete(serial: UInt64) {
    // They come in this order, but for what several steps of one event have added.
    if !event.hasOrder { event.namespaces.sort { $0.rank < $1.rank } }
    event.serial = serial
  }

  func write(to sink: inout some AuditEventSink & ~Copyable) { sink.write(event) }

  @inline(__always)
  mutating func destroyEnded(
    opid: UInt32, _ containers: ContainerList, op: (NamespaceID) -> Operation
  ) {
    for namespace in ended.namespaces {
      event.namespaces.append(
        NamespaceRecord(destroying: namespace, opid: opid, op: op(namespace), containers))
    }
  }

  mutating func dropEnded(opid: UInt32) {
    for container in ended.containers {
      event.containers.append(ContainerRecord(dropping: container, opid: opid))
    }
  }
}

extension NamespaceRecord {
  /// No task uses the namespace any more, since the task `opid` left it, which carries `containers`.
  init(
    destroying namespace: NamespaceID, opid: UInt32, op: Operation, _ containers: ContainerList
  ) {
    self.init(
      verb: .destroy, op: op, kind: namespace.kind, namespace: namespace, old: nil, opid: opid,
      containers: containers)
  }
}

extension ContainerRecord {
  /// The last task of the container has gone.
  init(dropping container: (id: ContainerID, name: [UInt8]), opid: UInt32) {
    self.init(
      verb: .drop, opid: opid, id: .unset, old: ContainerList([.init(container.id)]),
      name: container.name)
  }
}
