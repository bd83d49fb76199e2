// SPDX-License-Identifier: Apache-2.0

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
      if written > 0 { return try writeWhole { $0.append(dumpBlock: records) } }
      let host = DumpFormat.hostBytes(ofFirst: records)
      try writeWhole { $0.append(dumpHeader: records.extracting(0..<host)) }
      if host < records.byteCount {
        try writeWhole { $0.append(dumpBlock: records.extracting(host..<records.byteCount)) }
      }
    }
  }

  /// Writes the end block, which shows a reader that nothing is missing.
  /// - Throws: `SystemError`.
  public mutating func finish() throws(SystemError) {
    if written > 0 { try writeWhole { $0.append(dumpBlock: RawSpan()) } }
  }

  private mutating func writeWhole(_ append: (inout [UInt8]) -> Void) throws(SystemError) {
    block.removeAll(keepingCapacity: true)
    append(&block)
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
