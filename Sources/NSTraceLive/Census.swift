// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// A walk over all tasks, beside the stream, that looks for the users of given namespaces. Its
/// result explains the reports that `EffectOrder` holds.
struct Census: Sendable {
  enum Phase {
    case idle
    case walking
    /// The walk is over. At most this many bytes of the ring come before its result.
    case settling(bytesLeft: Int)
  }

  var phase = Phase.idle
  private(set) var ids: [NamespaceID] = []
  private(set) var beganNs: UInt64 = 0
  /// The earliest start of the next walk: CLOCK_BOOTTIME, nanoseconds.
  private(set) var dueNs: UInt64 = 0
  /// Processor time that the walk has taken so far: nanoseconds. By the clock a walk takes longer
  /// on a busy machine, and the next one would wait for as much longer.
  private var spentNs: UInt64 = 0
  /// How many tasks use each of `ids`.
  private var counts: [UInt32] = []
  private var found: [UInt8] = []
  /// Room for one part of the walk.
  private var part = RecordBatch()

  /// Walks take at most one of this many parts of the processor time, so that reports that need
  /// them cause no flood of walks.
  private static let restFactor: UInt64 = 20
  /// The least rest between two walks: nanoseconds.
  private static let restNs: UInt64 = 10_000_000

  /// The most that is kept of the tasks found: bytes, some 30,000 tasks.
  private static let foundLimit = 8 << 20

  mutating func begin(_ ids: [NamespaceID], at time: UInt64) {
    self.ids = ids
    beganNs = time
    spentNs = 0
    counts = Array(repeating: 0, count: ids.count)
    found.removeAll(keepingCapacity: true)
    phase = .walking
  }

  /// Ends the walk, because the stream begins one of its own. `dueNs` stays.
  mutating func abandon() { phase = .idle }

  /// Gives the room for one part of the walk, for `add`.
  mutating func takePart() -> RecordBatch {
    defer { part = RecordBatch() }
    return part
  }

  /// Takes one part of the walk: TASK records, with ATTACH records between them.
  /// - Parameter spent: processor time of the part, nanoseconds.
  mutating func add(_ part: consuming RecordBatch, spent: UInt64) {
    spentNs += spent
    let part = part
    defer { self.part = part }
    part.withBytes { bytes in
      var offset = 0
      while offset < bytes.byteCount {
        let header = unsafe bytes.unsafeLoadUnaligned(
          fromByteOffset: offset, as: nst_header.self)
        if header.kind == NST_KIND_TASK.rawValue { add(bytes, at: offset, Int(header.size)) }
        offset += Int(header.size)
      }
    }
  }

  private mutating func add(_ bytes: RawSpan, at offset: Int, _ size: Int) {
    let task = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: nst_task.self)
    var isFound = false
    for (place, id) in ids.enumerated()
    where NamespaceSlot.allCases.contains(where: { task.set[$0] == id }) {
      counts[place] += 1
      isFound = true
    }
    // Beyond the limit USERS alone counts the tasks.
    guard isFound, found.count < Self.foundLimit else { return }
    let start = found.count
    unsafe bytes.extracting(offset..<offset + size).withUnsafeBytes {
      unsafe found.append(contentsOf: $0)
    }
    // The flags are the second member of the header. No ATTACH follows, so no other flag is kept.
    unsafe found.withUnsafeMutableBytes { found in
      unsafe found.storeBytes(
        of: UInt16(NST_FLAG_CENSUS), toByteOffset: start + MemoryLayout<UInt16>.size,
        as: UInt16.self)
    }
  }

  mutating func settle(behind ringBytes: Int, at time: UInt64) {
    phase = .settling(bytesLeft: ringBytes)
    dueNs = time + max(Self.restNs, spentNs * Self.restFactor)
  }

  /// Gives the TASK records found, then a USERS record for each of `ids`.
  mutating func take(at time: UInt64) -> [UInt8] {
    phase = .idle
    var encoder = RecordEncoder()
    for (place, id) in ids.enumerated() {
      var record = nst_users()
      record.hdr.time_ns = time
      record.began_ns = beganNs
      record.id = id.nsid
      record.inum = id.inum
      record.type = UInt32(id.kind.cloneFlag)
      record.tasks = counts[place]
      encoder.append(record)
    }
    return found + encoder.bytes
  }
}
