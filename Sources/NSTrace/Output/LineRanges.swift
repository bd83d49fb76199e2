// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Where the JSON objects of an event stand in its text, one a line.
struct LineRanges {
  /// Without their newlines.
  private(set) var ranges: [Range<Int>] = []
  /// The SYSCALL record, which comes first; nil: there is none.
  private(set) var call: Range<Int>?
  /// The PROCTITLE record, which comes last; nil: there is none.
  private(set) var title: Range<Int>?

  mutating func find(in text: UnsafeRawBufferPointer) {
    ranges.removeAll(keepingCapacity: true)
    var start = 0
    while start < text.count, let base = text.baseAddress {
      let rest = unsafe base + start
      guard let end = unsafe memchr(rest, 0x0a, text.count - start) else { break }
      let length = unsafe UnsafeRawPointer(end) - rest
      ranges.append(start..<start + length)
      start += length + 1
    }
    call = ranges.first.flatMap { unsafe Self.begins($0, "SYSCALL", text) ? $0 : nil }
    title = ranges.last.flatMap { unsafe Self.begins($0, "PROCTITLE", text) ? $0 : nil }
  }

  /// Whether the line's object is of this type.
  private static func begins(
    _ line: Range<Int>, _ type: StaticString, _ text: UnsafeRawBufferPointer
  ) -> Bool {
    // {"type":"
    let start = line.lowerBound + 9
    guard start + type.utf8CodeUnitCount < line.upperBound, let base = text.baseAddress else {
      return false
    }
    return unsafe memcmp(base + start, type.utf8Start, type.utf8CodeUnitCount) == 0
  }
}
