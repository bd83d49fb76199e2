// SPDX-License-Identifier: Apache-2.0

/// Events of the kernel's audit: its own records as they are, and CONTAINER_ID among them.
extension AuditLineFormat {
  package mutating func write(_ event: borrowing KernelEvent, to text: inout TextBuffer) {
    if event.records.isEmpty { return }
    var stamp: Range<Int>?
    let mentionIndex = event.mentionIndex
    for index in event.records.indices {
      if index == mentionIndex { writeMentions(of: event, &stamp, to: &text) }
      let record = event.records[index]
      text.append("type=")
      KernelRecordType(record.type).append(to: &text)
      Self.append(stampOf: event, &stamp, to: &text)
      append(event.text.span.extracting(record.range), to: &text)
      text.endRecord()
    }
    if mentionIndex == event.records.count { writeMentions(of: event, &stamp, to: &text) }
  }

  private func writeMentions(
    of event: borrowing KernelEvent, _ stamp: inout Range<Int>?, to text: inout TextBuffer
  ) {
    if event.omitsMentions || event.isContinued { return }
    for index in event.mentions.indices {
      append(.containerID, to: &text)
      Self.append(stampOf: event, &stamp, to: &text)
      Self.number("record=", UInt64(index + 1), &text)
      Self.append(event.mentions[index], to: &text)
      text.endRecord()
    }
  }

  private static func append(
    stampOf event: borrowing KernelEvent, _ stamp: inout Range<Int>?, to text: inout TextBuffer
  ) {
    let (timeNs, serial) = (event.timeNs, event.serial)
    text.append(once: &stamp) { append(stamp: timeNs, serial, to: &$0) }
  }
}

// MARK: - Text

extension AuditLineFormat {
  /// Appends the text. A control byte is `\x0A`: whoever may write user messages could otherwise end
  /// the line and begin one of another type.
  private func append(_ bytes: Span<UInt8>, to text: inout TextBuffer) {
    let separator = keepsInterpretations ? Self.separator(in: bytes) : nil
    var start = 0
    while start < bytes.count {
      let end = Self.control(in: bytes, from: start)
      text.append(raw: bytes.extracting(start..<end))
      start = end + 1
      guard end < bytes.count else { return }
      if end == separator { text.append(byte: bytes[end]) } else { escape(bytes[end], &text) }
    }
  }

  private func escape(_ byte: UInt8, _ text: inout TextBuffer) {
    text.append("\\x")
    text.append(encoded: CollectionOfOne(byte))
  }

  /// The place of the first control byte from `start` on, or the end.
  private static func control(in bytes: Span<UInt8>, from start: Int) -> Int {
    let raw = unsafe bytes.bytes
    var index = start
    while index + 8 <= bytes.count {
      let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      if hasControl(word) { break }
      index += 8
    }
    while index < bytes.count, bytes[index] >= 0x20, bytes[index] != 0x7f { index += 1 }
    return index
  }

  /// Whether one of eight bytes is below 0x20, or is 0x7f: by the borrow into its highest bit.
  private static func hasControl(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let deleted = word ^ ones &* 0x7f
    let below = (word &- ones &* 0x20) & ~word | (deleted &- ones) & ~deleted
    return below & (ones &* 0x80) != 0
  }

  /// The place of the byte behind which auditd's interpretations stand, behind every message.
  private static func separator(in bytes: Span<UInt8>) -> Int? {
    var index = bytes.count - 1
    while index >= 0, bytes[index] != KernelFields.interpretations {
      if bytes[index] == UInt8(ascii: "'") { return nil }
      index -= 1
    }
    return index < 0 ? nil : index
  }
}
