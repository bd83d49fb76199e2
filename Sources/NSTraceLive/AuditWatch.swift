// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// What the assembler knows of the kernel's audit: what was read and waits, what is missing, and whether
/// an event may be open at the reader's.
struct AuditWatch {
  var backlog = AuditBacklog()
  var own = OwnAuditEvents()
  /// When records were last handed out, until it was said that their events are complete:
  /// CLOCK_BOOTTIME, nanoseconds.
  var givenNs: UInt64?
  /// Whether the last read has left nothing in the socket.
  private(set) var isEmptied = true
  /// When the socket was last empty, and no loss untold: CLOCK_BOOTTIME, nanoseconds.
  private var wholeNs: UInt64
  /// Whether messages found no room, and how many is not told yet.
  private(set) var isOverrun = false
  /// How many were told to be missing by the socket, and by the kernel.
  private var dropped: UInt32 = 0
  private var lost: UInt32?
  /// When the kernel's own count was last looked at: CLOCK_BOOTTIME, nanoseconds.
  private var lostNs: UInt64

  /// How long an event waits for its next record: nanoseconds.
  static let settleNs: UInt64 = 100_000_000
  /// How long what waits may be left: milliseconds.
  private static let waitMilliseconds: Int32 = 20

  /// - Parameter now: CLOCK_BOOTTIME, nanoseconds.
  init(at now: UInt64) { (wholeNs, lostNs) = (now, now) }

  /// Whether there is more to read than the last read had room for.
  var isBehind: Bool { !isEmptied && !backlog.isFull }

  /// Reads what waits in the socket, unless enough waits here.
  mutating func read(_ port: inout some StreamPort & ~Copyable, room: Int) {
    if backlog.isFull { return }
    let (beforeNs, before) = (port.now(.boot), backlog.messages.count)
    let reading = port.takeAudit(into: &backlog.messages, room: room)
    (isEmptied, isOverrun) = (reading.isEmptied, isOverrun || reading.isOverrun)
    add(backlog.messages.count - before, port)
    if isEmptied { wholeNs = beforeNs }
  }

  private mutating func add(_ bytes: Int, _ port: borrowing some StreamPort & ~Copyable) {
    if bytes == 0 && !isOverrun { return }
    var part = Self.part(bytes, port)
    if isEmptied && isOverrun { part.loss = takeOverrun(port) }
    if bytes > 0 || part.loss != nil { backlog.add(part) }
  }

  /// The mark comes behind the read: what happened before a message was written stands before it.
  private static func part(
    _ bytes: Int, _ port: borrowing some StreamPort & ~Copyable
  ) -> AuditBacklog.Part {
    AuditBacklog.Part(
      bytes: bytes, ringMark: port.ringWritten, timeNs: port.now(.boot),
      offsetNs: ClockWatch.offset(by: port))
  }

  private mutating func takeOverrun(_ port: borrowing some StreamPort & ~Copyable) -> AuditLoss {
    isOverrun = false
    let total = port.auditDropped ?? dropped &+ 1
    defer { dropped = total }
    return AuditLoss(
      place: NST_AUDIT_LOST_SOCKET, count: max(total &- dropped, 1), sinceNs: wholeNs)
  }

  /// Whether the kernel's count is known.
  var saysLost: Bool { lost != nil }

  /// Notes the kernel's count of the records that its backlog had no room for. The first is where it
  /// begins; a smaller one than before is a count that somebody has set back.
  mutating func noteLost(_ total: UInt32, _ port: borrowing some StreamPort & ~Copyable) {
    let now = port.now(.boot)
    defer { (lost, lostNs) = (total, now) }
    guard let lost, total != lost else { return }
    var part = Self.part(0, port)
    part.loss = AuditLoss(
      place: NST_AUDIT_LOST_KERNEL, count: total > lost ? total - lost : total, sinceNs: lostNs)
    if part.loss?.count != 0 { backlog.add(part) }
  }

  /// How long the source may be left unread: milliseconds; nil: until its descriptor is readable.
  func patienceMilliseconds(at now: UInt64) -> Int32? {
    if !backlog.isEmpty { return Self.waitMilliseconds }
    guard let givenNs else { return nil }
    let due = givenNs + Self.settleNs
    return now < due ? Int32(clamping: (due - now + 999_999) / 1_000_000) : 0
  }
}
