// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The bytes of the held records, each at its position: its offset in bytes from the first record
/// that was held.
struct HeldBytes: Sendable {
  private var bytes: [UInt8] = []
  /// The position of the first byte.
  private(set) var base = 0
  /// The positions of records that were handed over before their turn.
  private var taken = PositionSet()

  /// The position behind the last byte.
  var end: Int { base + bytes.count }

  /// The number of bytes.
  var count: Int { bytes.count }

  mutating func append(_ records: RawSpan) {
    unsafe records.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  mutating func removeAll() {
    let room = bytes.capacity
    self = HeldBytes()
    if room <= Self.roomKept { bytes.reserveCapacity(room) }
  }

  /// Bytes of capacity that are kept; what a flood took beyond is freed.
  private static let roomKept = 1 << 20

  /// Drops the records before a position, once they are more than half: the rest has to be moved.
  /// - Returns: whether it dropped them.
  mutating func dropAll(before position: Int) -> Bool {
    guard position - base > bytes.count / 2 else { return false }
    bytes.removeFirst(position - base)
    base = position
    taken.removeAll(before: position)
    return true
  }

  /// Whether the record was handed over before its turn.
  func isTaken(_ position: Int) -> Bool { taken.contains(position) }
}

// MARK: - Records

extension HeldBytes {
  func header(at position: Int) -> nst_header { load(at: position) }

  /// The task of a TASK, SWITCH or EXEC, whose subject comes first.
  func task(at position: Int) -> nst_task_id {
    load(at: position + MemoryLayout<nst_header>.size)
  }

  /// The set of a TASK, CLONE, SWITCH or EXEC; an empty one for other kinds.
  func set(at position: Int) -> nst_set {
    switch RecordKind(rawValue: header(at: position).kind) {
    case .task: (load(at: position) as nst_task).set
    case .clone: (load(at: position) as nst_clone).set
    case .switchNamespaces: (load(at: position) as nst_switch).set
    case .exec: (load(at: position) as nst_exec).set
    case .fork, .exit, .cgroup, .attach, .freed, .cgroupIn, .host, .clock, .snapshotBegin,
      .snapshotEnd, .lost, .register, .member, .pinned, .users, .confined, .suppressed, .kept,
      .keptSession, .inside, .stain, .audit, .auditLost,
      nil:
      nst_set()
    }
  }

  func load<Value: BitwiseCopyable>(at position: Int) -> Value {
    unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: position - base, as: Value.self)
  }

  /// The range of records from a position to the next one that was handed over; nil: it is empty.
  /// - Parameter isOne: only the first record.
  func run(from position: Int, isOne: Bool) -> Range<Int>? {
    var start = position
    while taken.contains(start) { start += Int(header(at: start).size) }
    guard start < base + bytes.count else { return nil }
    if isOne { return start..<start + Int(header(at: start).size) }
    let end = taken.next(after: start) ?? base + bytes.count
    return start..<end
  }

  func withBytes(
    _ range: Range<Int>, _ body: (RawSpan) throws(WireError) -> Void
  ) throws(WireError) {
    do throws(WireError) {
      try unsafe body(
        bytes.span.bytes.extracting(range.lowerBound - base..<range.upperBound - base))
    } catch {
      throw error.moved(by: range.lowerBound)
    }
  }

  /// Takes a record before its turn. A walk's TASK record is marked as if the task had been found
  /// to have moved.
  mutating func take(_ explanation: HeldRecords.Explanation) -> RecordBatch {
    taken.insert(explanation.position)
    let start = explanation.position - base
    let size = Int(header(at: explanation.position).size)
    var record = Array(bytes[start..<start + size])
    if explanation.isWalks {
      unsafe record.withUnsafeMutableBytes { bytes in
        unsafe bytes.storeBytes(
          of: UInt16(NST_FLAG_LATE), toByteOffset: MemoryLayout<UInt16>.size, as: UInt16.self)
      }
    }
    return RecordBatch(record)
  }
}
