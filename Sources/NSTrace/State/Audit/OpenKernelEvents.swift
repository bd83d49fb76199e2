// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Puts the kernel's audit records together to events, by stamp and serial.
///
/// The records of one event come in their order, and those of other events between them. An event is
/// complete with EOE, with a record that stands alone, when none of its records has come for `patienceNs`
/// of the stream, or when the stream says so.
struct OpenKernelEvents {
  /// An event whose end has not come.
  struct Open {
    var event = KernelEvent()
    /// Its stamp by CLOCK_BOOTTIME, and how much later the call may have been: nanoseconds.
    var eventNs: UInt64 = 0
    var slackNs: UInt64 = 0
    /// When its first record was read: CLOCK_BOOTTIME, nanoseconds.
    var readNs: UInt64 = 0
  }

  private struct Key: Hashable {
    var timeNs: Int64
    var serial: UInt64
  }

  /// How long an event waits for its next record: nanoseconds.
  static let patienceNs: UInt64 = 100_000_000
  /// The most events that are open at once. Beyond, the oldest counts as complete.
  static let limit = 4096
  /// The most bytes of an event's texts; what comes behind is an event of its own.
  static let textMax = 1 << 18

  private var open: [Key: Open] = [:]
  /// The open events in the order of their first records, from `head` on; some are complete already.
  private var order: [Key] = []
  private var head = 0
  /// The text of a record whose other parts have not come, and its type.
  private var partial: [UInt8] = []
  private var partialType: UInt16 = 0
  private var complete: [Open] = []
  /// The number of records that do not begin with a stamp.
  private(set) var unread: UInt64 = 0

  var isEmpty: Bool { open.isEmpty && complete.isEmpty }

  /// Takes a record, or a part of one.
  mutating func take(_ record: nst_audit, _ text: RawSpan) {
    if record.hdr.flags & UInt16(NST_FLAG_AUDIT_SETTLED) != 0 { return completeAll() }
    completeOld(at: record.hdr.time_ns)
    if !partial.isEmpty, record.type != partialType { addPartial(record) }
    let isPart = record.hdr.flags & UInt16(NST_FLAG_AUDIT_MORE) != 0
    if isPart || !partial.isEmpty {
      partialType = record.type
      partial.append(text)
      if !isPart || partial.count > Int(NST_AUDIT_MESSAGE_BYTES) { addPartial(record) }
    } else {
      add(record, record.type, text)
    }
  }

  private mutating func addPartial(_ record: nst_audit) {
    let text = partial
    partial.removeAll(keepingCapacity: true)
    unsafe add(record, partialType, text.span.bytes)
  }

  private mutating func add(_ record: nst_audit, _ type: UInt16, _ text: RawSpan) {
    guard let stamp = KernelStamp(text) else { return unread += 1 }
    let key = Key(timeNs: stamp.timeNs, serial: stamp.serial)
    if type == KernelEvent.endOfEvent { return complete(key) }
    let isKnown = open[key] != nil
    if !isKnown { begin(key, record) }
    open[key]?.event.add(type, text.extracting(droppingFirst: stamp.bytes))
    let isFull = (open[key]?.event.text.count ?? 0) > Self.textMax
    if !isKnown && KernelEvent.standsAlone(type) || isFull { complete(key) }
  }

  private mutating func begin(_ key: Key, _ record: nst_audit) {
    var new = Open()
    new.event.timeNs = key.timeNs
    new.event.serial = key.serial
    new.eventNs = record.event_ns
    new.slackNs = UInt64(record.slack_ns)
    new.readNs = record.hdr.time_ns
    open[key] = new
    order.append(key)
    if open.count > Self.limit { completeFirst() }
  }

  private mutating func complete(_ key: Key) {
    if let event = open.removeValue(forKey: key) { complete.append(event) }
  }

  private mutating func completeFirst() {
    while head < order.count, open[order[head]] == nil { head += 1 }
    if head < order.count { complete(order[head]) }
    trim()
  }

  private mutating func completeOld(at timeNs: UInt64) {
    while head < order.count {
      if let event = open[order[head]] {
        if event.readNs &+ Self.patienceNs > timeNs { break }
        complete(order[head])
      }
      head += 1
    }
    trim()
  }

  private mutating func trim() {
    guard head == order.count || head > Self.limit else { return }
    order.removeFirst(head)
    head = 0
  }

  /// Completes all events: no more records of them come.
  mutating func completeAll() {
    if !partial.isEmpty { addPartial(nst_audit()) }
    for key in order[head...] { complete(key) }
    order.clear()
    head = 0
  }

  /// Takes the events that are complete, in the order in which they became so.
  mutating func takeComplete() -> [Open] {
    if complete.isEmpty { return [] }
    defer { complete.removeAll() }
    return complete
  }
}

extension KernelEvent {
  /// Appends a record.
  fileprivate mutating func add(_ type: UInt16, _ text: RawSpan) {
    let start = self.text.count
    self.text.append(text)
    records.append(Record(type: type, range: start..<self.text.count))
  }
}
