// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// A walk over all tasks beside the stream that looks for the users of some namespaces: what it finds
/// explains the reports that wait for it (`EffectOrder`).
struct Census: Sendable {
  enum Phase {
    case idle
    case walking
    /// The walk is over; so much of what stood in the ring then comes first, at most: bytes.
    case settling(bytesLeft: Int)
  }

  var phase = Phase.idle
  private(set) var ids: [NamespaceID] = []
  private(set) var beganNs: UInt64 = 0
  /// No walk begins before that: CLOCK_BOOTTIME, nanoseconds.
  private(set) var dueNs: UInt64 = 0
  /// What the walk has taken so far, of processor time: nanoseconds. On a busy machine it takes longer by
  /// the clock, which costs nobody anything, and what waits for the next walk would wait as much longer.
  private var spentNs: UInt64 = 0
  /// How many tasks were found in each.
  private var counts: [UInt32] = []
  private var found: [UInt8] = []
  /// Room for a part of the walk.
  private var part = RecordBatch()

  /// Of so many times the processor time that a walk takes, at most one is spent in walks: whoever makes reports that need
  /// one, makes no flood of walks.
  private static let restFactor: UInt64 = 20
  /// Nanoseconds.
  private static let restNs: UInt64 = 10_000_000

  /// So much is kept of what is found: bytes, of some 30,000 tasks.
  private static let foundLimit = 8 << 20

  mutating func begin(_ ids: [NamespaceID], at time: UInt64) {
    self.ids = ids
    beganNs = time
    spentNs = 0
    counts = Array(repeating: 0, count: ids.count)
    found.removeAll(keepingCapacity: true)
    phase = .walking
  }

  /// Ends it: the stream walks over the tasks itself. When the next may begin stays as it is.
  mutating func abandon() { phase = .idle }

  /// Room for a part of the walk, for `add`.
  mutating func takePart() -> RecordBatch {
    defer { part = RecordBatch() }
    return part
  }

  /// A part of the walk: TASK records, with ATTACH records between them.
  /// - Parameter spent: processor time, nanoseconds.
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
    // USERS says that there were more.
    guard isFound, found.count < Self.foundLimit else { return }
    let start = found.count
    unsafe bytes.extracting(offset..<offset + size).withUnsafeBytes {
      unsafe found.append(contentsOf: $0)
    }
    // The header's second member; no ATTACH follows.
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

  /// What was found: TASK records, then a USERS record for each namespace that was asked about.
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
