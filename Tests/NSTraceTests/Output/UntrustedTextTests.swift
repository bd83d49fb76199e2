// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import NSTrace

/// A process chooses its name, its path and its command line, and must forge nothing with them.
@Suite struct UntrustedTextTests {
  /// Each byte alone and between others, each control character of C1, and what is most like a
  /// record.
  static let texts: [[UInt8]] = bytes + controls + forgeries

  private static let bytes: [[UInt8]] = (UInt8.min ... .max).flatMap { [[$0], [0x61, $0, 0x62]] }
  private static let controls: [[UInt8]] = (0x80...0x9f).map { [0xc2, $0] }
  private static let forgeries: [[UInt8]] = [
    Array("x\" res=1\ntype=NS_CREATE msg=audit(1.000:1): op=exit".utf8),
    Array("\u{1b}]0;title\u{7}\u{9b}31m".utf8),
    Array("\u{fc}\u{2028}\u{1f600}".utf8),
    [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xff, 0xfe], [0xed, 0xa0, 0x80],
  ]

  private static func event(_ text: [UInt8]) -> AuditEvent {
    .make(
      call: .make(), subject: .make(comm: text), exe: text, proctitle: text, [.created()])
  }

  /// What the kernel, and so the subject, can hold of it.
  private static func comm(_ text: [UInt8]) -> [UInt8] {
    Array(text.prefix(16).prefix { $0 != 0 })
  }

  private static func proctitle(_ text: [UInt8]) -> [UInt8] {
    Array(text.reversed().drop { $0 == 0 }.reversed())
  }

  /// As audit ends it: before what its isprint() does not take.
  private static func auditProctitle(_ text: [UInt8]) -> [UInt8] {
    Array(text.reversed().drop { $0 < 0x20 || (0x7f...0x9f).contains($0) }.reversed())
  }

  /// The bytes of all lines in a format.
  private static func bytes(_ format: some RecordFormat, _ event: AuditEvent) -> [UInt8] {
    var format = format
    var text = TextBuffer()
    format.write(event, to: &text)
    return text.bytes
  }
}

// MARK: - Audit

extension UntrustedTextTests {
  @Test func `in audit lines it is one field, from which it can be had back`() throws {
    let names = try fields(of: .make(call: .make(), [.created()])).map { $0.map(\.name) }
    for text in Self.texts {
      let records = try fields(of: Self.event(text))
      #expect(records.map { $0.map(\.name) } == names, "\(text)")
      #expect(records[0].first { $0.name == "comm" }?.bytes == Self.comm(text), "\(text)")
      #expect(records[0].first { $0.name == "exe" }?.bytes == text, "\(text)")
      #expect(records[2].last?.bytes == Self.auditProctitle(text), "\(text)")
    }
  }

  @Test func `audit lines are plain ASCII with their quotes in pairs`() {
    for text in Self.texts {
      let lines = Self.bytes(AuditLineFormat(), Self.event(text)).split(separator: 0x0a)
      #expect(lines.count == 3, "\(text)")
      #expect(lines.joined().allSatisfy { $0 >= 0x20 && $0 < 0x7f }, "\(text)")
      #expect(lines.allSatisfy { $0.count { $0 == 0x22 } % 2 == 0 }, "\(text)")
    }
  }

  /// As the kernel decides (audit_string_contains_control).
  @Test func `it is quoted unless a byte of it could end the quotes or the field`() {
    for byte in UInt8.min ... .max {
      var text = TextBuffer()
      AuditLineFormat.append(untrusted: [byte], to: &text)
      let isPlain = (0x21...0x7e).contains(byte) && byte != 0x22
      let expected = isPlain ? [0x22, byte, 0x22] : Array(String(format: "%02X", byte).utf8)
      #expect(text.bytes == expected)
    }
  }

  private typealias Field = (name: String, bytes: [UInt8])

  /// What a reader of audit lines makes of them: words, `name=value`, hexadecimal without quotes.
  private func fields(of event: AuditEvent) throws -> [[Field]] {
    let lines = Self.bytes(AuditLineFormat(), event).split(separator: 0x0a)
    return try lines.map { line in
      try line.split(separator: 0x20).map { word in
        let parts = word.split(separator: 0x3d, maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(decoding: parts[0], as: UTF8.self)
        guard ["comm", "exe", "proctitle"].contains(name) else { return (name, []) }
        return (name, try decoded(try #require(parts.last)))
      }
    }
  }

  private func decoded(_ value: ArraySlice<UInt8>) throws -> [UInt8] {
    if value.first == 0x22 { return Array(value.dropFirst().dropLast()) }
    let digits = Array(value)
    return try stride(from: 0, to: digits.count, by: 2).map { place in
      try #require(UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16))
    }
  }
}

// MARK: - JSON

extension UntrustedTextTests {
  @Test func `in JSON it is one string, as valid Unicode`() throws {
    for text in Self.texts {
      let lines = Self.bytes(JSONLinesFormat(), Self.event(text)).split(separator: 0x0a)
      try #require(lines.count == 3, "\(text)")
      for line in lines {
        let object = try #require(
          try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
        #expect(object["comm"] as? String == String(decoding: Self.comm(text), as: UTF8.self))
        #expect(object["exe"] as? String == String(decoding: text, as: UTF8.self))
      }
      let last = try JSONSerialization.jsonObject(with: Data(lines[2])) as? [String: Any]
      let title = Self.proctitle(text).map { $0 == 0 ? 0x20 : $0 }
      #expect(last?["proctitle"] as? String == String(decoding: title, as: UTF8.self))
    }
  }

  @Test func `no control character of C0 or C1, nor DEL, stands in JSON`() throws {
    for text in Self.texts {
      let bytes = Self.bytes(JSONLinesFormat(), Self.event(text))
      let json = try #require(String(validating: bytes, as: UTF8.self), "\(text)")
      let controls = json.unicodeScalars.filter {
        $0 != "\n" && ($0.value < 0x20 || (0x7f...0x9f).contains($0.value))
      }
      #expect(controls.isEmpty, "\(text)")
    }
  }

  @Test(
    arguments: [
      ([0x00], #"\u0000"#), ([0x1f], #"\u001f"#), ([0x0a], #"\u000a"#), ([0x22], #"\""#),
      ([0x5c], #"\\"#), ([0x7f], #"\u007f"#), ([0xc2, 0x80], #"\u0080"#),
      ([0xc2, 0x9f], #"\u009f"#), ([0xc2, 0xa0], "\u{a0}"), ([0xff], "\u{fffd}"),
      ([0x61, 0xc3], "a\u{fffd}"), (Array("é".utf8), "é"),
      // The direction of the line, no width, and ignored by default.
      (Array("\u{202e}\u{2066}".utf8), #"\u202e\u2066"#),
      (Array("\u{200b}\u{feff}".utf8), #"\u200b\ufeff"#),
      (Array("\u{ad}\u{2028}".utf8), #"\u00ad\u2028"#), (Array("\u{e0041}".utf8), #"\udb40\udc41"#),
      (Array("\u{5d0}".utf8), "\u{5d0}"), (Array("😀".utf8), "😀"),
    ] as [([UInt8], String)])
  func `a JSON string is escaped like this`(_ bytes: [UInt8], _ expected: String) {
    var text = TextBuffer()
    JSONLinesFormat.string("exe", bytes, &text)
    #expect(String(decoding: text.bytes, as: UTF8.self) == ",\"exe\":\"\(expected)\"")
  }
}

// MARK: - Table

extension UntrustedTextTests {
  @Test func `a terminal sees nothing but printable ASCII`() {
    for text in Self.texts {
      let bytes = Self.bytes(TableFormat(), Self.event(text))
      #expect(bytes.last == 0x0a)
      #expect(bytes.dropLast().allSatisfy { $0 >= 0x20 && $0 < 0x7f }, "\(text)")
    }
  }

  @Test func `other bytes stand as their hexadecimal number`() {
    for byte in UInt8.min ... .max {
      var text = TextBuffer()
      TerminalText(isUnicode: true).append([0x61, byte], to: &text)
      let isPlain = (0x21...0x7e).contains(byte) && byte != 0x5c
      let expected = isPlain ? [byte] : Array(String(format: "\\x%02x", byte).utf8)
      #expect(text.bytes == [0x61] + expected)
    }
  }
}
