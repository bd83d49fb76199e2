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
  /// The most bytes of text of all open events. Arguments of one execve(2), in hexadecimal, are 12 MiB at most.
  /// Beyond, what there is of an event is handed out, and the rest follows.
  static let textMax = 32 << 20

  private var open: [Key: Open] = [:]
  /// The open events in the order of their first records, from `head` on; some are complete already.
  private var order: [Key] = []
  private var head = 0
  /// The text of a record whose other parts have not come, and its type.
  private var partial: [UInt8] = []
  private var partialType: UInt16 = 0
  private var complete: [Open] = []
  /// The bytes of text of the open events.
  private var textBytes = 0
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
    textBytes += text.byteCount - stamp.bytes
    if !isKnown && KernelEvent.standsAlone(type) { return complete(key) }
    if textBytes > Self.textMax { handOutBeginning(key) }
  }

  /// The process of the beginning is that of the rest.
  private mutating func handOutBeginning(_ key: Key) {
    guard var beginning = open[key] else { return }
    textBytes -= beginning.event.text.count
    beginning.event.isContinued = true
    beginning.event.pid = beginning.event.actor
    complete.append(beginning)
    open[key]?.event.records.removeAll()
    open[key]?.event.text.removeAll()
    open[key]?.event.pid = beginning.event.pid
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
    guard let event = open.removeValue(forKey: key) else { return }
    textBytes -= event.event.text.count
    complete.append(event)
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
  /// The process that its beginning or its SYSCALL record names, or else the first record that names one.
  var actor: UInt32? {
    if let pid { return pid }
    var first: UInt32?
    for record in records {
      let pid = KernelFields.pid(
        of: text.span.extracting(record.range), type: KernelRecordType(record.type))
      if record.type == Self.systemCall, let pid { return pid }
      first = first ?? pid
    }
    return first
  }

  /// Appends a record.
  fileprivate mutating func add(_ type: UInt16, _ text: RawSpan) {
    let start = self.text.count
    self.text.append(text)
    records.append(Record(type: type, range: start..<self.text.count))
  }
}
