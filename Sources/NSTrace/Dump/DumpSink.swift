// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Writes the stream unchanged to a dump, one block a batch and one write(2) a block. If the
/// recording is interrupted, at most the current block is lost.
public struct DumpSink: ~Copyable {
  private let file: FileDescriptor
  /// The bytes written: header and whole blocks.
  public private(set) var written = 0
  private var block: [UInt8] = []

  /// - Parameter file: an empty file.
  package init(_ file: consuming FileDescriptor) { self.file = file }

  /// Creates the file, or takes an empty one.
  /// - Parameters:
  ///   - path: of the file.
  ///   - overwriting: whether a file with content is emptied; else it is refused with EEXIST.
  /// - Throws: `SystemError`.
  public init(path: String, overwriting: Bool = false) throws(SystemError) {
    self.init(try .creating(path, overwriting: overwriting))
  }

  /// Writes the records of one batch. The first record of the stream, HOST, becomes part of the
  /// file's header.
  /// - Throws: `SystemError`; the file then ends with its last whole block.
  public mutating func write(_ batch: borrowing RecordBatch) throws(SystemError) {
    // A block without records would end the dump.
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

  /// Writes the end block, which shows a reader that nothing is missing.
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
      // Half a block would count as damage. A pipe cannot be truncated; its reader reports the
      // damage.
      try? file.truncate(to: written)
      throw error
    }
  }
}
