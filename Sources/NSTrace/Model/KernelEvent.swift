// SPDX-License-Identifier: Apache-2.0

/// One event of the kernel's own audit (`auditctl`): the records that share a stamp and a serial, and
/// the containers of the process that they are about (RFC R4).
///
/// Its serial is the kernel's, and no serial of nstrace's own events.
public struct KernelEvent: Sendable {
  /// One record: its type and where its text stands.
  public struct Record: Equatable, Sendable {
    /// The number of its type, AUDIT_* of <linux/audit.h>.
    public var type: UInt16
    /// The place in `text`. The text is what stands behind `audit(S.MMM:N): `.
    public var range: Range<Int>
  }

  /// The stamp: CLOCK_REALTIME, nanoseconds since the epoch, of whole milliseconds.
  public var timeNs: Int64 = 0
  /// The kernel's number of the event.
  public var serial: UInt64 = 0
  /// The records in the kernel's order, without the empty one that ends an event (EOE).
  public var records: [Record] = []
  /// The texts of all records, one behind the other. Every byte is hostile.
  public var text: [UInt8] = []
  /// The process that the event is about: `pid=`, a tgid in the initial PID namespace. Nil: its records
  /// name none.
  public var pid: UInt32?
  /// Whether the process was known at the time of the event. Else nothing is said of containers.
  public var isKnown = false
  /// The containers of the process at the time of the event, and what its session is inside: the
  /// CONTAINER_ID records. None for a process of the host.
  public var mentions: [ContainerMention] = []
  /// Whether the event has no CONTAINER_ID records, because a container's copy is without them.
  package var omitsMentions = false
  /// Whether it is the beginning of an event that is too long for one: its other records follow under the same stamp,
  /// the last of them with the CONTAINER_ID records.
  package var isContinued = false

  /// An event without records.
  public init() {}

  /// Removes all records and keeps the buffers.
  package mutating func clear() {
    timeNs = 0
    serial = 0
    records.clear()
    text.clear()
    pid = nil
    isKnown = false
    mentions.clear()
    omitsMentions = false
    isContinued = false
  }

  /// The index of the record before which the CONTAINER_ID records stand; the number of records: behind
  /// the last. The readers of audit logs (3.0.9) end an event with PROCTITLE, and with a record that
  /// stands alone, and split off what follows.
  package var mentionIndex: Int {
    guard let last = records.last else { return 0 }
    return last.type == Self.proctitle || Self.standsAlone(last.type)
      ? records.count - 1 : records.count
  }

  /// AUDIT_SYSCALL.
  package static let systemCall: UInt16 = 1300
  /// AUDIT_PROCTITLE.
  package static let proctitle: UInt16 = 1327
  /// AUDIT_EOE: no record of the event follows.
  package static let endOfEvent: UInt16 = 1320

  /// Whether the readers take a record of this type for a whole event: messages of user space, of the
  /// daemon and of the configuration; not what the kernel adds to a system call's event.
  package static func standsAlone(_ type: UInt16) -> Bool {
    type < 1300 || type >= 2100 || type == 2000 || (1406...1419).contains(type)
  }
}
