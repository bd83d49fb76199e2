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
  /// The subject's command line, NUL-separated, as far as it was read; empty: not known.
  public var proctitle: [UInt8] = []
  /// Whether the command line is longer than what was read.
  public var isProctitleCut = false
  /// The namespaces that were made, entered or left, in the order of their records.
  public var namespaces: [NamespaceRecord] = []
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

  package init() {}

  /// Removes all records and keeps the buffers.
  mutating func clear() {
    call = nil
    subject = nil
    exe.clear()
    exeMarks = []
    proctitle.clear()
    isProctitleCut = false
    namespaces.clear()
    lost = nil
    info = nil
    containers.clear()
    lifecycle = nil
    isAttach = false
    actorContainers = ContainerList()
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
    namespaces.isEmpty && containers.isEmpty && lost == nil && lifecycle == nil
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
  private var namesContainers: Bool {
    if !actorContainers.isUnset || !containers.isEmpty { return true }
    return namespaces.indices.contains {
      !namespaces[$0].containers.isUnset || !namespaces[$0].namespaceContainers.isUnset
    }
  }

  /// The lists of container IDs that the records name, each once, for CONTAINER_ID records (R4).
  /// The actor's comes first.
  public var containerLists: [ContainerList] {
    guard namesContainers else { return [] }
    var lists: [ContainerList] = []
    func add(_ list: ContainerList) {
      if !list.isUnset && !lists.contains(list) { lists.append(list) }
    }
    add(actorContainers)
    for record in namespaces {
      add(record.containers)
      add(record.namespaceContainers)
    }
    for record in containers {
      let isMade = record.granted && record.verb == .set && record.id != .unset
      if isMade { add(ContainerList([.init(record.id)])) }
      add(record.old)
    }
    return lists
  }
}

/// Where finished audit events go.
public protocol AuditEventSink: ~Copyable {
  /// Takes one event, after all events that have a lower serial.
  mutating func write(_ event: borrowing AuditEvent)
  /// Passes on what is buffered: no more events come for now.
  mutating func flush()
}

extension AuditEventSink where Self: ~Copyable {
  public mutating func flush() {}
}
