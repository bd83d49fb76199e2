// SPDX-License-Identifier: Apache-2.0

/// The head of a line of auditd's log: `[node=HOST ]type=T msg=audit(S.MMM:N): `.
package struct AuditLogLine: Equatable, Sendable {
  /// The places of its parts in the line.
  package var node: Range<Int>?
  package var type: Range<Int>
  /// Behind the head, with the newline.
  package var text: Range<Int>
  package var stamp: LogStamp

  /// The head of a line; nil: it is no audit record.
  package init?(_ line: Span<UInt8>) {
    var cursor = Cursor(at: 0)
    node = cursor.skips("node=", in: line) ? cursor.word(in: line) : nil
    guard cursor.skips("type=", in: line), let type = cursor.word(in: line),
      cursor.skips("msg=", in: line),
      let stamp = unsafe KernelStamp(line.extracting(cursor.offset...).bytes)
    else { return nil }
    self.type = type
    self.stamp = LogStamp(stamp)
    text = cursor.offset + stamp.bytes..<line.count
  }

  /// Reads a line from the left.
  private struct Cursor {
    var offset: Int

    init(at offset: Int) { self.offset = offset }

    /// Whether `literal` comes next; then it is skipped.
    @inline(__always)
    mutating func skips(_ literal: StaticString, in line: Span<UInt8>) -> Bool {
      let count = literal.utf8CodeUnitCount
      guard line.count - offset >= count else { return false }
      for index in 0..<count {
        let byte = unsafe literal.utf8Start[index]
        if line[offset + index] != byte { return false }
      }
      offset += count
      return true
    }

    /// The next word, and the blank behind it; nil: there is none.
    @inline(__always)
    mutating func word(in line: Span<UInt8>) -> Range<Int>? {
      let start = offset
      while offset < line.count, line[offset] > UInt8(ascii: " ") { offset += 1 }
      guard offset > start, offset < line.count, line[offset] == UInt8(ascii: " ") else {
        return nil
      }
      offset += 1
      return start..<offset - 1
    }
  }
}
