// SPDX-License-Identifier: Apache-2.0

/// The texts of one event's audit user messages, each with the type of its record.
struct AuditMessageText: ~Copyable {
  /// One message.
  struct Part {
    let type: RecordType
    let range: Range<Int>
  }

  private(set) var parts: [Part] = []
  private(set) var text = TextBuffer()
  /// The number of fields for which the message that is written has no room.
  private var leftOut: UInt64 = 0

  /// AUDIT_MESSAGE_TEXT_MAX: the kernel prints no more.
  static let most = 8560
  /// The room for what every message ends with.
  private static let endMost = 80

  private var start: Int { parts.last?.range.upperBound ?? 0 }

  mutating func removeAll() {
    text.removeAll()
    parts.removeAll(keepingCapacity: true)
  }

  /// Begins a message: `op=NS_CREATE run="…" nsserial="17" line="1" nstime=1764304338.123`.
  mutating func begin(
    _ type: RecordType, run: [UInt8], line: UInt64, of event: borrowing AuditEvent
  ) {
    leftOut = 0
    text.append("op=")
    text.append(type.name)
    text.append(" run=\"")
    text.append(raw: run)
    text.append("\" nsserial=", quoted: event.serial)
    text.append(" line=", quoted: line)
    text.append(" nstime=")
    AuditLineFormat.append(timeNs: event.timeNs, to: &text)
  }

  /// Adds `name=value` with `prefix` in front of its name, or counts it if there is no room.
  ///
  /// A single quote would end the message, so that a value with one is encoded as audit encodes other such
  /// bytes.
  mutating func add(_ field: ArraySlice<UInt8>, prefix: StaticString = "") {
    let value = field.drop { $0 != UInt8(ascii: "=") }.dropFirst()
    let isEncoded = value.contains(UInt8(ascii: "'"))
    let size = field.count + (isEncoded ? value.count : 0) + 1 + prefix.utf8CodeUnitCount
    guard text.count - start + size <= Self.most - Self.endMost else { return leftOut += 1 }
    text.append(" ")
    text.append(prefix)
    text.append(raw: field[..<value.startIndex])
    if isEncoded { text.append(encoded: Self.unquoted(value)) } else { text.append(raw: value) }
  }

  private static func unquoted(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    value.first == UInt8(ascii: "\"") ? value.dropFirst().dropLast() : value
  }

  /// Ends the message: `hostname=? addr=? terminal=? res=success`.
  mutating func end(_ type: RecordType, granted: Bool) {
    if leftOut > 0 { text.append(" cut=", quoted: leftOut) }
    text.append(" hostname=? addr=? terminal=? res=")
    text.append(granted ? "success" : "failed")
    parts.append(Part(type: type, range: start..<text.count))
  }
}
