// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// One audit event: the output records that one wire record made, under one serial.
///
/// The tracker fills the same value again and again, so its buffers are allocated once.
public struct AuditEvent: Sendable {
  /// The number of the event, from 1 in each run.
  public var serial: UInt64 = 0
  /// CLOCK_REALTIME, nanoseconds since the epoch.
  public var timeNs: Int64 = 0
  /// The same by CLOCK_BOOTTIME, nanoseconds.
  public var bootNs: UInt64 = 0
  /// The device of nsfs as stat(2) gives it: `dev=`.
  public var nsfsDev: UInt64 = 0
  /// The system call that caused it, if any: then a SYSCALL record comes first.
  package var call: nst_call?
  /// The task that caused it; nil: no task did (a loss).
  package var subject: nst_subject?
  /// The subject's program; empty: not known.
  public var exe: [UInt8] = []
  /// What `exe` itself does not show: deleted, or cut.
  public var exeMarks: ProgramMarks = []
  /// The innermost container of the task that started the program; unset: none, or not known.
  package var programOrigin = ContainerID.unset
  /// The subject's command line, NUL-separated, as far as it was read; empty: not known.
  public var proctitle: [UInt8] = []
  /// Whether the command line is longer than what was read.
  public var isProctitleCut = false
  /// The namespaces that were made, entered or left, in the order of their records.
  public var namespaces: [NamespaceRecord] = []
  /// The sessions that begin or end (T4).
  public var sessions: [SessionRecord] = []
  /// The records that are missing; the only record of its event.
  public var lost: LostRecord?
  /// The namespaces of a registered task (R3).
  public var info: TaskSummary?
  /// Registrations and changes of containers.
  public var containers: [ContainerRecord] = []
  /// A step of a container's lifecycle; the only record of its event.
  public var lifecycle: LifecycleRecord?
  /// Whether it reports a move to another cgroup.
  public var isAttach = false
  /// The container IDs of the subject.
  public var actorContainers = ContainerList()
  /// The session of the subject (T4), also if it leaves it or comes into it; 0: none.
  public var actorSession: UInt32 = 0
  /// The sessions of the subject and of the records, and what they are inside.
  public var visits: [ContainerVisit] = []
  /// The path of the subject's cgroup, with `TrackerOptions.tellsCgroups`; empty: not known.
  package var cgroup = BoundedText()
  /// What a container's copy hides of it (docs/routes.md); nil: the whole event, as its host sees it.
  package var view: EventView?

  package init() {}

  /// Removes all records and keeps the buffers.
  mutating func clear() {
    call = nil
    subject = nil
    exe.clear()
    exeMarks = []
    programOrigin = .unset
    proctitle.clear()
    isProctitleCut = false
    namespaces.clear()
    sessions.clear()
    lost = nil
    info = nil
    containers.clear()
    lifecycle = nil
    isAttach = false
    actorContainers = ContainerList()
    actorSession = 0
    visits.clear()
    if !cgroup.isEmpty { cgroup = BoundedText() }
  }
}

extension Array {
  /// Empties it and keeps the memory. Mostly it is empty already, which `removeAll` does not check.
  mutating func clear() {
    if !isEmpty { removeAll(keepingCapacity: true) }
  }
}

extension AuditEvent {
  /// Whether it has no record to write.
  @inline(__always)
  package var isEmpty: Bool {
    namespaces.isEmpty && containers.isEmpty && sessions.isEmpty && lost == nil
      && lifecycle == nil
  }

  /// Whether the namespace records are in the order of their ranks.
  @inline(__always)
  var hasOrder: Bool {
    var last: UInt16 = 0
    for record in namespaces {
      if record.rank < last { return false }
      last = record.rank
    }
    return true
  }

  /// Whether any list of container IDs may be named.
  var namesContainers: Bool {
    if !actorContainers.isUnset || !containers.isEmpty || !visits.isEmpty { return true }
    return namespaces.indices.contains {
      !namespaces[$0].containers.isUnset || !namespaces[$0].namespaceContainers.isUnset
    }
  }

  /// The CONTAINER_ID records (R4): the lists of container IDs that the records name, each once, and
  /// what their sessions are inside. The actor's own come first.
  public var containerMentions: [ContainerMention] {
    guard namesContainers else { return [] }
    var mentions: [ContainerMention] = []
    mentions.add(actorContainers)
    for visit in visits where visit.session == actorSession { mentions.enter(visit) }
    for visit in visits where visit.session != actorSession { mentions.enter(visit) }
    for record in namespaces {
      mentions.add(record.containers)
      mentions.add(record.namespaceContainers)
    }
    for record in containers {
      let isMade = record.granted && record.verb == .set && record.id != .unset
      if isMade { mentions.add(ContainerList([.init(record.id)])) }
      mentions.add(record.old)
    }
    return mentions
  }

  /// Whether the first CONTAINER_ID record is about the subject: `record=` of its SYSCALL record.
  var mentionsActor: Bool { !actorContainers.isUnset || visit(actorSession) != nil }

  /// What a session is inside; nil: there is no such session, or the event does not know of it.
  package func visit(_ session: UInt32) -> ContainerVisit? {
    session == 0 ? nil : visits.first { $0.session == session }
  }

  /// Adds a session, once.
  mutating func add(_ visit: ContainerVisit) {
    if !visits.contains(where: { $0.session == visit.session }) { visits.append(visit) }
  }
}

/// Where finished audit events go.
public protocol AuditEventSink: ~Copyable {
  /// Takes one event, after all events that have a lower serial.
  mutating func write(_ event: borrowing AuditEvent)
  /// Takes one event of the kernel's own audit. Its records were read behind all records of what
  /// happened before.
  mutating func write(_ event: borrowing KernelEvent)
  /// Learns the name of a container: at its registration, or that of one that was kept. It may be
  /// called again, and before the events that were made earlier.
  mutating func note(name: [UInt8], of id: ContainerID)
  /// Passes on what is buffered: no more events come for now.
  mutating func flush()
}

extension AuditEventSink where Self: ~Copyable {
  public mutating func write(_ event: borrowing KernelEvent) {}
  public mutating func note(name: [UInt8], of id: ContainerID) {}
  public mutating func flush() {}
}
