// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Writes the parts of a dump into a buffer.
extension [UInt8] {
  /// Appends the header of a dump, with the HOST record in it.
  mutating func append(dumpHeader host: RawSpan) {
    let start = count
    append(contentsOf: DumpFormat.magic)
    append(native: DumpFormat.major)
    append(native: DumpFormat.minor)
    append(native: DumpFormat.byteOrder)
    append(native: UInt32(host.byteCount))
    let checksum = DumpFormat.checksum(ofHeader: Array(self[start...]))
    append(native: DumpFormat.checksum(host, after: checksum))
    append(host)
  }

  /// Appends a block with these records; without any it is the end of the dump.
  mutating func append(dumpBlock records: RawSpan) {
    append(native: DumpFormat.blockMark)
    append(native: UInt32(records.byteCount))
    append(native: DumpFormat.checksum(records))
    append(native: UInt32(0))
    append(records)
  }

  /// Appends the parts of a dump that a batch makes: the first record of the stream, HOST, becomes
  /// part of the header.
  mutating func append(dumpOf records: RawSpan, isFirst: Bool) {
    guard isFirst else { return append(dumpBlock: records) }
    let host = DumpFormat.hostBytes(ofFirst: records)
    append(dumpHeader: records.extracting(0..<host))
    if host < records.byteCount {
      append(dumpBlock: records.extracting(host..<records.byteCount))
    }
  }
}

extension DumpFormat {
  /// The length of the stream's first record, HOST, which `records` begins with.
  static func hostBytes(ofFirst records: RawSpan) -> Int {
    Int(unsafe records.unsafeLoad(as: nst_header.self).size)
  }
}
