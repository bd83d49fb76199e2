// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// One audit event: what one thing that happened in the kernel gave, under one serial.
///
/// The tracker fills the same value again and again, so that its buffers are allocated once.
public struct AuditEvent: Sendable {
  /// From 1 in each run.
  public var serial: UInt64 = 0
  /// CLOCK_REALTIME, nanoseconds since the epoch.
  public var timeNs: Int64 = 0
  /// The same by CLOCK_BOOTTIME, nanoseconds.
  public var bootNs: UInt64 = 0
  /// The device of nsfs as stat(2) gives it: `dev=`.
  public var nsfsDev: UInt64 = 0
  /// The system call that caused it, if one did: then a SYSCALL record leads.
  package var call: nst_call?
  /// Who did it; nil for what nobody did (a loss).
  package var subject: nst_subject?
  /// The subject's program; empty where it is not known.
  public var exe: [UInt8] = []
  /// What `exe` does not say itself: deleted, or cut.
  public var exeMarks: ProgramMarks = []
  /// The subject's command line, NUL-separated, as far as it was read; empty where it is not known.
  public var proctitle: [UInt8] = []
  /// There is more of it than was read.
  public var isProctitleCut = false
  /// The namespaces that were made, entered or left, in the order of their records.
  public var namespaces: [NamespaceRecord] = []
  /// Records that are missing; alone in its event.
  public var lost: LostRecord?
  /// All namespaces of the task that is registered (R3).
  public var info: TaskSummary?
  /// Registrations, and what changed of containers.
  public var containers: [ContainerRecord] = []
  /// Alone in its event.
  public var lifecycle: LifecycleRecord?
  /// It tells of a move to another cgroup.
  public var isAttach = false
  /// What the subject carries.
  public var actorContainers = ContainerList()

  package init() {}

  /// Makes it an event without records, keeping its buffers.
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
  /// Nothing, in the same memory. Mostly there was nothing before, which removeAll does not ask.
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

  /// Whether the namespaces stand in their order: by rank.
  @inline(__always)
  var hasOrder: Bool {
    var last: UInt16 = 0
    for record in namespaces {
      if record.rank < last { return false }
      last = record.rank
    }
    return true
  }

  /// Whether any list of container IDs may take part.
  private var namesContainers: Bool {
    if !actorContainers.isUnset || !containers.isEmpty { return true }
    return namespaces.indices.contains {
      !namespaces[$0].containers.isUnset || !namespaces[$0].namespaceContainers.isUnset
    }
  }

  /// Each list of container IDs that takes part, once: what CONTAINER_ID records say (R4). The
  /// actor's comes first.
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
  /// No more events come for the moment: what has gathered is for its reader.
  mutating func flush()
}

extension AuditEventSink where Self: ~Copyable {
  public mutating func flush() {}
}
