// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import Glibc

/// A dump that is written without waiting for its file. Blocks that the file does not take wait, up to a
/// limit; records beyond it are left out. Once there is room again, a LOST record stands in their
/// place, and a walk has to follow.
///
/// After an error the file ends with its last whole block, and is tried again a second later.
package struct LiveDump: ~Copyable {
  private let file: FileDescriptor
  private let waitingMax: Int
  /// Whole blocks that the file has not taken, from `head` on.
  private var waiting: [UInt8] = []
  private var head = 0
  /// The most memory that is kept while nothing waits. A batch has less.
  private static let keptMax = 4 << 20
  /// The bytes of the file's whole blocks.
  private var written = 0
  private var isBegun = false
  private var gap: DumpGap?
  private var retry = ContinuousClock.now
  /// The error of the last write; nil: the file has taken what it could.
  package private(set) var failure: SystemError?
  /// Whether the file takes nothing any more.
  package private(set) var isClosed = false
  /// The number of records that were left out.
  package private(set) var missing: UInt64 = 0
  /// Whether a walk has to follow, because records are missing.
  package private(set) var needsWalk = false

  /// - Parameters:
  ///   - file: an empty file.
  ///   - waitingMax: the most bytes that wait.
  package init(_ file: consuming FileDescriptor, waitingMax: Int) {
    self.file = file
    self.waitingMax = waitingMax
  }

  /// Whether it writes to standard output.
  package var isStandardOutput: Bool { file.raw == 1 }
  /// Whether records are left out.
  package var hasGap: Bool { gap != nil }
  /// What poll(2) is to watch until the file can be written to; nil: nothing.
  package var awaited: Int32? { awaitsReader ? file.raw : nil }

  private var awaitsReader: Bool {
    !isClosed && failure == nil && head < waiting.count && file.size == nil
  }

  /// Takes the records of one batch.
  package mutating func take(_ batch: borrowing RecordBatch) {
    // A block without records would end the dump.
    if isClosed || batch.isEmpty { return }
    batch.withBytes { records in
      if gap == nil { add(records) } else { leaveOut(records) }
    }
    drain()
  }

  private mutating func add(_ records: RawSpan) {
    if needsWalk, Self.beginsWalk(records) { needsWalk = false }
    waiting.append(dumpOf: records, isFirst: !isBegun)
    isBegun = true
  }

  private mutating func leaveOut(_ records: RawSpan) {
    let before = gap?.count ?? 0
    gap?.add(records)
    missing += (gap?.count ?? before) - before
  }

  /// Writes what waits, as far as the file takes it.
  package mutating func drain() {
    if !isClosed, head < waiting.count, failure == nil || ContinuousClock.now >= retry { write() }
    if isClosed { return }
    if gap == nil && waiting.count - head > waitingMax { gap = DumpGap() }
    if gap != nil && waiting.count - head <= waitingMax / 2 { endGap() }
  }

  private mutating func endGap() {
    let records = gap?.records ?? []
    gap = nil
    needsWalk = true
    if !records.isEmpty { unsafe waiting.append(dumpBlock: records.span.bytes) }
  }

  /// Writes the end block, which shows a reader that nothing is missing behind it.
  /// - Parameter milliseconds: how long it waits for a reader, from one write to the next.
  package mutating func finish(waiting milliseconds: Int32) {
    guard !isClosed, isBegun else { return }
    if gap != nil { endGap() }
    waiting.append(dumpBlock: RawSpan())
    retry = .now
    drain()
    while awaitsReader {
      guard (try? file.waitWritable(milliseconds: milliseconds)) == true else {
        return close(
          SystemError("write the rest, for nobody reads \(file.name)", errno: ETIMEDOUT))
      }
      drain()
    }
  }

  private mutating func close(_ error: SystemError) {
    failure = error
    isClosed = true
    waiting = []
    head = 0
  }
}

// MARK: - Writing

extension LiveDump {
  private mutating func write() {
    var done = 0
    do throws(SystemError) {
      while head + done < waiting.count {
        let count = try writeSome(from: head + done)
        if count == 0 { break }
        done += count
      }
      failure = nil
      advance(by: done)
    } catch {
      fail(error, done)
    }
  }

  private func writeSome(from start: Int) throws(SystemError) -> Int {
    try unsafe waiting.withUnsafeBufferPointer { (bytes) throws(SystemError) in
      let rest = unsafe UnsafeRawBufferPointer(bytes)[start...]
      return try unsafe file.writeSome(UnsafeRawBufferPointer(rebasing: rest))
    }
  }

  private mutating func advance(by bytes: Int) {
    head += bytes
    written += bytes
    if head == waiting.count {
      waiting.removeAll(keepingCapacity: waiting.capacity <= Self.keptMax)
      head = 0
    } else if head > waiting.count / 2 {
      waiting.removeSubrange(..<head)
      head = 0
    }
  }

  /// Cuts the file back to its last whole block. A pipe cannot be cut, and its reader has gone.
  private mutating func fail(_ error: SystemError, _ done: Int) {
    guard file.size != nil else { return close(error) }
    (failure, retry) = (error, .now + .seconds(1))
    let whole = end(within: done)
    advance(by: whole)
    try? file.truncate(to: written)
    if !error.passes { close(error) }
  }

  /// The end of the last part of the dump that ends within the next `bytes` bytes that wait.
  private func end(within bytes: Int) -> Int {
    var end = 0
    while end < bytes {
      let next = end + length(of: head + end)
      if next > bytes { break }
      end = next
    }
    return end
  }

  /// The length of the block, or of the header, at an index.
  private func length(of start: Int) -> Int {
    let mark: UInt32 = waiting.native(at: start)
    guard mark == DumpFormat.blockMark else {
      return DumpFormat.headerBytes + Int(waiting.native(at: start + 16) as UInt32)
    }
    return DumpFormat.blockHeaderBytes + Int(waiting.native(at: start + 4) as UInt32)
  }

  /// Whether a walk begins in these records.
  private static func beginsWalk(_ records: RawSpan) -> Bool {
    var offset = 0
    while offset < records.byteCount {
      let header = unsafe records.unsafeLoadUnaligned(
        fromByteOffset: offset, as: nst_header.self)
      if header.kind == NST_KIND_SNAPSHOT_BEGIN.rawValue { return true }
      offset += Int(header.size)
    }
    return false
  }
}
