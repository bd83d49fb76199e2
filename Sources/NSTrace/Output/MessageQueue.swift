// SPDX-License-Identifier: Apache-2.0

/// Messages that wait for their port, in their order. There is a limit to their bytes.
struct MessageQueue: ~Copyable {
  private var bytes: [UInt8] = []
  /// Where each message ends.
  private var ends: [Int] = []
  /// The index of the first message, and where it begins.
  private var (first, head) = (0, 0)

  /// The most bytes that wait: enough for the messages of minutes.
  static let most = 1 << 18

  var isEmpty: Bool { first == ends.count }
  var isHalfEmpty: Bool { bytes.count - head <= Self.most / 2 }
  /// The number of messages.
  var count: Int { ends.count - first }

  /// - Returns: false: there is no room.
  mutating func append(_ message: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count - head + message.count <= Self.most else { return false }
    if head > Self.most / 2 { makeRoom() }
    unsafe bytes.append(contentsOf: message)
    ends.append(bytes.count)
    return true
  }

  /// Moves what waits to the front: once for so many bytes that have gone.
  private mutating func makeRoom() {
    bytes.removeSubrange(..<head)
    ends.removeSubrange(..<first)
    for index in ends.indices { ends[index] -= head }
    (first, head) = (0, 0)
  }

  /// Gives the first message.
  func withFirst<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let range = head..<ends[first]
    return unsafe bytes.withUnsafeBytes {
      unsafe body(UnsafeRawBufferPointer(rebasing: $0[range]))
    }
  }

  mutating func removeFirst() {
    head = ends[first]
    first += 1
    if isEmpty { removeAll() }
  }

  /// Keeps the memory, which is bounded.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    (first, head) = (0, 0)
  }
}
