// SPDX-License-Identifier: Apache-2.0

/// Whole records, one behind the other, as a source gives them.
///
/// The buffer is grown once and reused for each batch; only the first `count` bytes are valid.
public struct RecordBatch: Sendable {
  private var storage: [UInt8] = []
  /// The number of bytes.
  public private(set) var count = 0

  /// An empty batch.
  public init() {}

  /// A batch of these bytes: whole records.
  public init(_ bytes: [UInt8]) {
    storage = bytes
    count = bytes.count
  }

  /// Whether it has no record.
  public var isEmpty: Bool { count == 0 }

  /// Empties it and keeps the memory.
  public mutating func removeAll() { count = 0 }

  /// Appends bytes: whole records.
  public mutating func append(_ bytes: [UInt8]) {
    grow(by: bytes.count)
    let start = count
    unsafe storage.withUnsafeMutableBytes { storage in
      unsafe storage[start..<start + bytes.count].copyBytes(from: bytes)
    }
    count += bytes.count
  }

  /// Lets `body` write records into `room` spare bytes; it returns how many bytes it wrote.
  // Not generic in its error: another module's generic code looks types up at run time, which took
  // a fiftieth of the reader's time.
  package mutating func append(room: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) {
    grow(by: room)
    let start = count
    unsafe storage.withUnsafeMutableBytes { storage in
      count += unsafe body(UnsafeMutableRawBufferPointer(rebasing: storage[start..<start + room]))
    }
  }

  /// The same for a body that may fail; then nothing is appended.
  package mutating func append(
    room: Int, reading body: (UnsafeMutableRawBufferPointer) throws(SystemError) -> Int
  ) throws(SystemError) {
    var failure: SystemError?
    unsafe append(room: room) { room in
      do throws(SystemError) {
        return try unsafe body(room)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
  }

  /// The records.
  public func withBytes<Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    try unsafe body(storage.span.bytes.extracting(0..<count))
  }

  private mutating func grow(by bytes: Int) {
    let missing = count + bytes - storage.count
    if missing > 0 { storage += [UInt8](repeating: 0, count: max(missing, storage.count)) }
  }
}
