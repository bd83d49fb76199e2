// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Cuts a stream of bytes into lines. Its memory does not grow, however long a line is.
package struct LineBuffer: ~Copyable {
  /// A part of the stream: a range of `bytes`.
  package enum Piece: Equatable, Sendable {
    /// A line with its newline.
    case line(Range<Int>)
    /// A part of a line that is too long to be looked at.
    case long(Range<Int>, isFirst: Bool)
    /// The end of the stream, without a newline.
    case cut(Range<Int>)
  }

  /// A longer line is no record of audit's: the kernel's have 8,970 bytes, and auditd's
  /// interpretations some more.
  package static let lineLimit = 64 << 10
  /// How much is read at a time, at most.
  private static let room = 256 << 10

  /// The bytes that the pieces are ranges of, until the next `fill`.
  package private(set) var bytes = [UInt8](repeating: 0, count: room)
  private var start = 0
  private var end = 0
  private var isInLongLine = false
  private var hasEnded = false

  package init() {}

  /// Reads more of the stream. All pieces have been taken before.
  /// - Parameter read: puts bytes into the buffer; returns how many, 0 at the end of the stream.
  /// - Returns: false at the end of the stream. Then one more piece may be left.
  package mutating func fill(
    _ read: (UnsafeMutableRawBufferPointer) throws -> Int
  ) rethrows -> Bool {
    let (start, end) = (start, end)
    let rest = end - start
    var count = 0
    try unsafe bytes.withUnsafeMutableBytes { bytes in
      if start > 0, rest > 0 {
        unsafe memmove(bytes.baseAddress!, bytes.baseAddress! + start, end - start)
      }
      count = try unsafe read(UnsafeMutableRawBufferPointer(rebasing: bytes[rest...]))
    }
    (self.start, self.end) = (0, rest + count)
    hasEnded = count == 0
    return !hasEnded
  }

  /// The next piece; nil: `fill` comes first.
  package mutating func next() -> Piece? {
    guard start < end else { return nil }
    let first = start
    if let newline = newline() {
      start = newline + 1
      let wasLong = isInLongLine
      isInLongLine = false
      guard !wasLong, start - first <= Self.lineLimit else {
        return .long(first..<start, isFirst: !wasLong)
      }
      return .line(first..<start)
    }
    return rest()
  }

  /// What has no newline yet.
  private mutating func rest() -> Piece? {
    let range = start..<end
    guard isInLongLine || range.count > Self.lineLimit else {
      guard hasEnded else { return nil }
      start = end
      return .cut(range)
    }
    defer { isInLongLine = true }
    start = end
    return .long(range, isFirst: !isInLongLine)
  }

  private func newline() -> Int? {
    let (start, count) = (start, end - start)
    return unsafe bytes.withUnsafeBytes { bytes in
      let first = unsafe bytes.baseAddress! + start
      guard let place = unsafe memchr(first, 0x0a, count) else { return nil }
      return unsafe start + (UnsafeRawPointer(place) - first)
    }
  }
}
