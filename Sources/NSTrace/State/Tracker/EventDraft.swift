// SPDX-License-Identifier: Apache-2.0

/// An audit event that is being made, and what ended with it.
///
/// `Tracker.begin` gives it and `Tracker.finish` consumes it. It cannot be copied, and adding a
/// record needs it. No record can therefore be added outside of an event, and no event is written
/// twice.
///
/// Changes of containers' lists and confinement are kept by the state: some happen between two
/// events, and the next event takes them.
struct EventDraft: ~Copyable {
  // Not private, as `SubjectTable.Entry`.
  struct Contents: ~Copyable {
    var event = AuditEvent()
    var ended = NamespaceState.Departure()
  }

  /// In memory of its own: copying an event takes a tenth of the time of a record.
  private var contents = Box(Contents())

  var event: AuditEvent {
    @inline(__always) _read { yield contents.value.event }
    @inline(__always) _modify { yield &contents.value.event }
  }

  /// The namespaces and containers that ended when a task left its last set.
  var ended: NamespaceState.Departure {
    @inline(__always) _read { yield contents.value.ended }
    @inline(__always) _modify { yield &contents.value.ended }
  }

  /// Whether it has no record to write.
  @inline(__always)
  var isEmpty: Bool { contents.value.isEmpty }

  /// Sets the serial and orders the records.
  @inline(__always)
  mutating func complete(serial: UInt64) { contents.value.complete(serial: serial) }

  func write(to sink: inout some AuditEventSink & ~Copyable) { contents.value.write(to: &sink) }

  /// R9: adds an NS_DESTROY for each namespace that ended.
  /// - Parameters:
  ///   - opid: the tid of the task that left them.
  ///   - containers: that task's containers.
  ///   - session: that task's session, as `cses=` prints it.
  @inline(__always)
  mutating func destroyEnded(
    opid: UInt32, _ containers: ContainerList, _ session: SessionTable.Number?,
    op: (NamespaceID) -> Operation
  ) {
    contents.value.destroyEnded(opid: opid, containers, session, op: op)
  }

  /// R11: adds a drop for each container that ended.
  mutating func dropEnded(opid: UInt32) { contents.value.dropEnded(opid: opid) }

  /// T4: adds an end for the session that ended.
  /// - Parameter way: how its last task went.
  mutating func endSession(opid: UInt32, _ way: @autoclosure () -> SessionRecord.Way) {
    guard let ended = ended.session else { return }
    event.add(SessionRecord(verb: .end, ended.session, of: ended.number, way(), opid: opid))
  }
}

extension AuditEvent {
  /// Adds the record of a session, and the session itself.
  mutating func add(_ record: SessionRecord) {
    sessions.append(record)
    add(record.visit)
  }
}

extension SessionRecord {
  init(
    verb: Verb, _ session: SessionTable.Session, of number: SessionTable.Number, _ way: Way,
    opid: UInt32, since sinceNs: Int64? = nil, wayIn: Way? = nil
  ) {
    self.init(
      verb: verb, ContainerVisit(session: number, containers: session.containers), way, opid: opid,
      entrant: session.entrant, exe: session.exe, exeMarks: session.exeMarks,
      names: session.names, since: sinceNs, wayIn: wayIn)
  }
}

extension EventDraft.Contents {
  @inline(__always)
  var isEmpty: Bool { event.isEmpty }

  @inline(__always)
  mutating func complete(serial: UInt64) {
    // Records are added in this order, unless several steps add to one event.
    if !event.hasOrder { event.namespaces.sort { $0.rank < $1.rank } }
    event.serial = serial
  }

  func write(to sink: inout some AuditEventSink & ~Copyable) { sink.write(event) }

  @inline(__always)
  mutating func destroyEnded(
    opid: UInt32, _ containers: ContainerList, _ session: SessionTable.Number?,
    op: (NamespaceID) -> Operation
  ) {
    for namespace in ended.namespaces {
      event.namespaces.append(
        NamespaceRecord(destroying: namespace, opid: opid, op: op(namespace), containers, session))
    }
  }

  mutating func dropEnded(opid: UInt32) {
    for container in ended.containers {
      event.containers.append(ContainerRecord(dropping: container, opid: opid))
    }
  }
}

extension NamespaceRecord {
  /// The destruction of a namespace that the task `opid`, which carries `containers` and is in
  /// `session`, was the last to use.
  init(
    destroying namespace: NamespaceID, opid: UInt32, op: Operation, _ containers: ContainerList,
    _ session: SessionTable.Number?
  ) {
    self.init(
      verb: .destroy, op: op, kind: namespace.kind, namespace: namespace, old: nil, opid: opid,
      containers: containers, session: session)
  }
}

extension ContainerRecord {
  /// The end of a container whose last task has gone.
  init(dropping container: (id: ContainerID, name: [UInt8]), opid: UInt32) {
    self.init(
      verb: .drop, opid: opid, id: .unset, old: ContainerList([.init(container.id)]),
      name: container.name)
  }
}
