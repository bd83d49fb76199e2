// SPDX-License-Identifier: Apache-2.0

/// Whole lines that a file has not taken yet, in their order.
///
/// The first line may have been taken in part. It is kept whole, because another file needs all of it.
struct Backlog: ~Copyable {
  private var bytes: [UInt8] = []
  /// Where the first line begins.
  private var head = 0
  /// How many bytes of the first line the file has taken.
  private(set) var taken = 0

  /// The number of bytes that are kept.
  var count: Int { bytes.count - head }
  var isEmpty: Bool { count == 0 }

  mutating func append(_ lines: UnsafeRawBufferPointer) {
    // Moved at most once for each byte that is appended.
    if head > bytes.count / 2 {
      bytes.removeSubrange(..<head)
      head = 0
    }
    unsafe bytes.append(contentsOf: lines)
  }

  /// Gives all lines, the first one whole.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe bytes.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0[head...])) }
  }

  /// Forgets the lines that the file has taken.
  mutating func advance(to progress: LineProgress) {
    head += progress.whole
    taken = progress.part
    if head == bytes.count { removeAll() }
  }

  /// Another file takes the first line from its beginning.
  mutating func restart() { taken = 0 }

  /// Gives the memory back: a file that keeps up needs none of it.
  mutating func removeAll() {
    bytes = []
    (head, taken) = (0, 0)
  }

  /// The number of lines.
  var lines: UInt64 {
    unsafe withBytes { unsafe UInt64($0.count { $0 == UInt8(ascii: "\n") }) }
  }
}
