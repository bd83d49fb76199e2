// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Writes the stream as it is to a dump, one block a batch and one write(2) a block: whatever
/// stops the recording, at most the block being written is lost.
public struct DumpSink: ~Copyable {
  private let file: FileDescriptor
  /// Bytes of whole blocks written.
  public private(set) var written = 0
  private var block: [UInt8] = []

  /// Takes an empty file.
  package init(_ file: consuming FileDescriptor) { self.file = file }

  /// Makes the file, or empties it.
  /// - Throws: `SystemError` when that is not possible.
  public init(path: String) throws(SystemError) { self.init(try .creating(path)) }

  /// Writes the records of one batch. The stream's first is the HOST record, which becomes part of
  /// the file's header.
  /// - Throws: `SystemError`; the file then ends with its last whole block.
  public mutating func write(_ batch: borrowing RecordBatch) throws(SystemError) {
    // A block without records is the closing one.
    if batch.isEmpty { return }
    try batch.withBytes { (records) throws(SystemError) in
      if written > 0 { return try writeBlock(records) }
      let host = Int(unsafe records.unsafeLoad(as: nst_header.self).size)
      try writeHeader(host: records.extracting(0..<host))
      if host < records.byteCount {
        try writeBlock(records.extracting(host..<records.byteCount))
      }
    }
  }

  /// Writes the closing block, by which a reader knows that nothing is missing.
  /// - Throws: `SystemError`.
  public mutating func finish() throws(SystemError) {
    if written > 0 { try writeBlock(RawSpan()) }
  }

  private mutating func writeHeader(host: RawSpan) throws(SystemError) {
    block.removeAll(keepingCapacity: true)
    block.append(contentsOf: DumpFormat.magic)
    block.append(native: DumpFormat.major)
    block.append(native: DumpFormat.minor)
    block.append(native: DumpFormat.byteOrder)
    block.append(native: UInt32(host.byteCount))
    let checksum = DumpFormat.checksum(ofHeader: block)
    block.append(native: DumpFormat.checksum(host, after: checksum))
    block.append(host)
    try writeWhole()
  }

  private mutating func writeBlock(_ records: RawSpan) throws(SystemError) {
    block.removeAll(keepingCapacity: true)
    block.append(native: DumpFormat.blockMark)
    block.append(native: UInt32(records.byteCount))
    block.append(native: DumpFormat.checksum(records))
    block.append(native: UInt32(0))
    block.append(records)
    try writeWhole()
  }

  private mutating func writeWhole() throws(SystemError) {
    do throws(SystemError) {
      try file.write(block)
      written += block.count
    } catch {
      // Half a block would be taken for damage. A pipe cannot be cut, and its reader will see.
      try? file.truncate(to: written)
      throw error
    }
  }
}
