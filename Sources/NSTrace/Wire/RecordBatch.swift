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
  package mutating func append<Failure: Error>(
    room: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) {
    grow(by: room)
    let start = count
    var result: Result<Int, Failure> = .success(0)
    unsafe storage.withUnsafeMutableBytes { storage in
      let spare = unsafe UnsafeMutableRawBufferPointer(
        rebasing: storage[start..<start + room])
      do throws(Failure) {
        result = .success(try unsafe body(spare))
      } catch {
        result = .failure(error)
      }
    }
    count += try result.get()
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
