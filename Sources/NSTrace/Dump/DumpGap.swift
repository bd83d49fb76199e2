// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The records that a dump leaves out, because its file does not take them.
struct DumpGap {
  /// The number of records that are left out.
  private(set) var count: UInt64 = 0
  /// The boot-time of the first and the last of them: nanoseconds.
  private var sinceNs: UInt64 = 0
  private var lastNs: UInt64 = 0
  /// Records that no walk brings back, in their order.
  private var kept: [UInt8] = []

  /// The most bytes of records that are kept.
  private static let keptMax = 1 << 20
  /// What user space has made, and makes once only.
  private static let keptKinds = [
    NST_KIND_CLOCK.rawValue, NST_KIND_REGISTER.rawValue, NST_KIND_MEMBER.rawValue,
    NST_KIND_KEPT.rawValue, NST_KIND_KEPT_SESSION.rawValue, NST_KIND_INSIDE.rawValue,
    NST_KIND_STAIN.rawValue,
  ]

  /// Adds the records of a batch.
  mutating func add(_ records: RawSpan) {
    var offset = 0
    while offset < records.byteCount {
      let header = unsafe records.unsafeLoadUnaligned(
        fromByteOffset: offset, as: nst_header.self)
      let next = offset + Int(header.size)
      add(header, records.extracting(offset..<next))
      offset = next
    }
  }

  private mutating func add(_ header: nst_header, _ record: RawSpan) {
    if Self.keptKinds.contains(header.kind), kept.count + record.byteCount <= Self.keptMax {
      return kept.append(record)
    }
    if count == 0 { sinceNs = header.time_ns }
    lastNs = header.time_ns
    count += 1
  }

  /// The records in their place: LOST, and what was kept.
  var records: [UInt8] {
    var encoder = RecordEncoder()
    var rest = count
    while rest > 0 {
      var lost = nst_lost()
      lost.hdr.time_ns = lastNs
      lost.since_ns = sinceNs
      lost.count = UInt32(clamping: rest)
      lost.flags = UInt16(NST_LOST_DUMP)
      encoder.append(lost)
      rest -= UInt64(lost.count)
    }
    return encoder.bytes + kept
  }
}
