// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Reads a dump a block at a time, so that memory does not grow with the file.
public struct DumpSource: RecordSource, ~Copyable {
  private let file: FileDescriptor
  /// The number of bytes that have been read.
  public private(set) var offset = 0
  /// The offset of the block that was read last.
  private var blockStart = 0
  private var hasHeader = false
  private var hasEnded = false

  package init(_ file: consuming FileDescriptor) { self.file = file }

  /// Opens a dump.
  /// - Throws: `DumpError.unreadable` if the file does not exist or may not be read.
  public init(path: String) throws(DumpError) {
    do throws(SystemError) {
      self.init(try .reading(path))
    } catch {
      throw .unreadable(error)
    }
  }

  /// Whether the file begins as a dump does; false also for one that may not be read.
  package static func isDump(path: String) -> Bool {
    FileDescriptor.head(of: path, DumpFormat.magic.count) == DumpFormat.magic
  }

  /// The file's size in bytes; nil: it is a pipe.
  package var size: Int? { file.size }

  /// Reads the next block's records; the first call gives the HOST record of the header.
  /// - Throws: `DumpError`, with the offset up to which the file is whole.
  public mutating func next(into batch: inout RecordBatch) throws(DumpError) -> SourceStatus {
    if hasEnded { return .ended }
    guard hasHeader else {
      try readHeader(into: &batch)
      hasHeader = true
      return .records
    }
    return try readBlock(into: &batch)
  }

  private mutating func readHeader(into batch: inout RecordBatch) throws(DumpError) {
    let header = try read(DumpFormat.headerBytes)
    let magic = DumpFormat.magic
    guard header.prefix(magic.count) == magic.prefix(header.count)[...], header.count >= 8 else {
      throw .notADump(name: file.name)
    }
    guard header.count == DumpFormat.headerBytes else { throw truncated(at: 0) }
    guard header.native(at: 12) == DumpFormat.byteOrder else {
      throw header.native(at: 12) == DumpFormat.byteOrder.byteSwapped
        ? .otherByteOrder(name: file.name) : damaged(at: 0, "its header")
    }
    let major: UInt16 = header.native(at: 8)
    guard major <= DumpFormat.major else { throw .newerVersion(name: file.name, major: major) }
    try readBody(
      length: header.native(at: 16), checksum: header.native(at: 20),
      checkedBefore: DumpFormat.checksum(ofHeader: header), into: &batch, startingAt: 0)
    offset += DumpFormat.headerBytes + batch.count
    try checkWire(of: batch)
  }

  /// The records have a version of their own, which the HOST record states.
  private func checkWire(of batch: borrowing RecordBatch) throws(DumpError) {
    var major: UInt16 = 0
    batch.withBytes { bytes in
      guard bytes.byteCount >= MemoryLayout<nst_host>.size else { return }
      major = unsafe bytes.unsafeLoad(as: nst_host.self).wire_major
    }
    if major > NST_WIRE_MAJOR { throw .newerVersion(name: file.name, major: major) }
  }

  private mutating func readBlock(into batch: inout RecordBatch) throws(DumpError) -> SourceStatus {
    let header = try read(DumpFormat.blockHeaderBytes)
    guard header.count == DumpFormat.blockHeaderBytes else { throw truncated(at: offset) }
    guard header.native(at: 0) == DumpFormat.blockMark, header.native(at: 12) == UInt32(0) else {
      throw damaged(at: offset, "no block begins here")
    }
    try readBody(
      length: header.native(at: 4), checksum: header.native(at: 8), into: &batch,
      startingAt: offset)
    blockStart = offset
    offset += DumpFormat.blockHeaderBytes + batch.count
    guard batch.isEmpty else { return .records }
    guard try read(1).isEmpty else { throw damaged(at: offset, "something follows its end") }
    hasEnded = true
    return .ended
  }

  private func readBody(
    length: UInt32, checksum: UInt32, checkedBefore: UInt32 = 0, into batch: inout RecordBatch,
    startingAt start: Int
  ) throws(DumpError) {
    guard length <= DumpFormat.blockBytesMax else {
      throw damaged(at: start, "a block of \(length) bytes")
    }
    batch.removeAll()
    do throws(SystemError) {
      try unsafe batch.append(
        room: Int(length),
        reading: { room throws(SystemError) in try unsafe file.read(into: room) })
    } catch {
      throw .unreadable(error)
    }
    guard batch.count == Int(length) else { throw truncated(at: start) }
    var actual = checkedBefore
    batch.withBytes { actual = DumpFormat.checksum($0, after: actual) }
    guard actual == checksum else { throw damaged(at: start, "a checksum does not match") }
  }

  private func read(_ count: Int) throws(DumpError) -> [UInt8] {
    do throws(SystemError) {
      return try file.read(count)
    } catch {
      throw .unreadable(error)
    }
  }

  private func truncated(at offset: Int) -> DumpError {
    .truncated(name: file.name, offset: offset)
  }

  private func damaged(at offset: Int, _ what: String) -> DumpError {
    .damaged(name: file.name, offset: offset, what: what)
  }

  /// The error for a damaged record inside the block that was read last, with the block's offset.
  public func damage(_ error: WireError) -> DumpError {
    damaged(at: blockStart, "\(error)")
  }
}
