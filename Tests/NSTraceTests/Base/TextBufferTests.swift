// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct TextBufferTests {
  private static func text(_ body: (inout TextBuffer) -> Void) -> String {
    var text = TextBuffer()
    body(&text)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  /// Each number of digits, at both of its ends.
  private static let numbers: [UInt64] =
    [0, .max]
    + (0..<20).flatMap { exponent in
      let power = (0..<exponent).reduce(1 as UInt64) { power, _ in power * 10 }
      return [power - 1, power, power + 1]
    }

  @Test(arguments: numbers)
  func `a number as Swift writes it`(_ number: UInt64) {
    #expect(Self.text { $0.append(decimal: number) } == "\(number)")
    #expect(Self.text { $0.append("a=", decimal: number) } == "a=\(number)")
    #expect(Self.text { $0.append(key: "a", decimal: number) } == ",\"a\":\(number)")
    let hex = String(number, radix: 16)
    #expect(Self.text { $0.append(hex: number) } == hex)
    let padding = String(repeating: "0", count: 16 - hex.count)
    #expect(Self.text { $0.append(hex: number, minimumDigits: 16) } == padding + hex)
  }

  @Test func `a number has the digits it should have at least`() {
    #expect(Self.text { $0.append(decimal: 0, minimumDigits: 3) } == "000")
    #expect(Self.text { $0.append(decimal: 42, minimumDigits: 9) } == "000000042")
    #expect(Self.text { $0.append(decimal: 1234, minimumDigits: 3) } == "1234")
    #expect(Self.text { $0.append(decimal: 7, minimumDigits: 20) } == "00000000000000000007")
    #expect(Self.text { $0.append(signed: .min) } == "\(Int64.min)")
  }

  @Test func `names of every length up to two words and one more`() {
    let names: [StaticString] = [
      "", "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "abcdefghi",
      "abcdefghij", "abcdefghijk", "abcdefghijkl", "abcdefghijklm", "abcdefghijklmn",
      "abcdefghijklmno", "abcdefghijklmnop", "abcdefghijklmnopq",
    ]
    for (length, name) in names.enumerated() {
      let expected = String("abcdefghijklmnopq".prefix(length))
      #expect(Self.text { $0.append(name) } == expected)
      #expect(Self.text { $0.append(key: name) } == ",\"\(expected)\":")
    }
  }

  @Test func `it grows and keeps what is there`() {
    var text = TextBuffer()
    let piece = Array("0123456789".utf8)
    for _ in 0..<1000 { text.append(raw: piece) }
    text.append(raw: piece.lazy.map { $0 + 1 })
    #expect(text.count == 10_010)
    #expect(text.bytes.prefix(10_000) == Array((0..<1000).map { _ in piece }.joined())[...])
    #expect(text.bytes.suffix(10) == Array("123456789:".utf8)[...])
    text.removeAll()
    #expect(text.bytes.isEmpty)
  }

  @Test func `what was made once is copied, even while the buffer grows`() {
    var made: Range<Int>?
    var times = 0
    let text = Self.text { text in
      for _ in 0..<100 {
        text.append("[")
        text.append(once: &made) {
          times += 1
          $0.append("abc", decimal: 42)
        }
      }
    }
    #expect(text == String(repeating: "[abc42", count: 100))
    #expect(times == 1 && made == 1..<6)
  }
}
