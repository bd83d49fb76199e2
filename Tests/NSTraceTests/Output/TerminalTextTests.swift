// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct TerminalTextTests {
  private func shown(_ value: some Collection<UInt8>, isUnicode: Bool = true) -> (String, Int) {
    var text = TextBuffer()
    let columns = TerminalText(isUnicode: isUnicode).append(value, to: &text)
    return (String(decoding: text.bytes, as: UTF8.self), columns)
  }

  private func elided(_ value: String, _ room: Int, isUnicode: Bool = true) -> (String, Int) {
    var text = TextBuffer()
    let columns = TerminalText(isUnicode: isUnicode).append(
      Array(value.utf8), within: room, to: &text)
    return (String(decoding: text.bytes, as: UTF8.self), columns)
  }

  @Test(
    arguments: [
      ("web", 3), ("café", 4), ("Ω", 1), ("Привет", 6), ("旗艦", 4), ("カタ", 4), ("ｶ", 1),
      ("한글", 4), ("Ａ", 2), ("㋿", 2), ("→", 1), ("€", 1), ("🚀", 2), ("😀", 2), ("𠀀", 2),
      ("กข", 2), ("½", 1), ("…", 1),
    ])
  func `what is printable and harmless stands as it is`(_ text: String, columns: Int) {
    #expect(shown(text.utf8) == (text, columns))
  }

  /// Controls; what turns the line around; what has no width; what is invisible; what joins others.
  @Test(
    arguments: [
      "\u{0}", "\u{1b}", "\u{7f}", "\u{80}", "\u{9b}", "\u{9f}", "\u{a0}", "\u{ad}", "\u{300}",
      "\u{61c}", "\u{200b}", "\u{200d}", "\u{200e}", "\u{202a}", "\u{202e}", "\u{2028}", "\u{2029}",
      "\u{2066}", "\u{2069}", "\u{2800}", "\u{3000}", "\u{3164}", "\u{ffa0}", "\u{115f}",
      "\u{1160}",
      "\u{fe0f}", "\u{feff}", "\u{fff9}", "\u{e0001}", "\u{e000}", "\u{10ffff}", "א", "ع",
      "\u{10800}",
      "\u{1f1e9}", "\u{1f3fb}", " ", "\\", "\u{378}",
    ])
  func `everything else is escaped, byte by byte`(_ text: String) {
    let escaped = text.utf8.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(shown("a\(text)b".utf8) == ("a\(escaped)b", 2 + 4 * text.utf8.count))
  }

  @Test func `so is what is no UTF-8`() {
    #expect(shown([0xe6, 0x97]) == ("\\xe6\\x97", 8))
    #expect(shown([0xff, 0x61]) == ("\\xffa", 5))
    #expect(shown([0xc0, 0xaf]) == ("\\xc0\\xaf", 8))
    #expect(shown([0xed, 0xa0, 0x80]) == ("\\xed\\xa0\\x80", 12))
    #expect(shown([0xe6, 0xe6, 0x97, 0x97]) == ("\\xe6旗", 6))
  }

  @Test func `a terminal that does not take UTF-8 gets none`() {
    #expect(shown("旗a".utf8, isUnicode: false) == ("\\xe6\\x97\\x97a", 13))
    #expect(elided("abcdef", 4, isUnicode: false) == ("abc~", 4))
  }

  @Test func `what has no room is left out, and said to be`() {
    #expect(elided("abcdef", 6) == ("abcdef", 6))
    #expect(elided("abcdef", 5) == ("abcd…", 5))
    #expect(elided("abcdef", 1) == ("…", 1))
    #expect(elided("abcdef", 0) == ("", 0))
    #expect(elided("旗艦旗", 6) == ("旗艦旗", 6))
    #expect(elided("旗艦旗", 5) == ("旗艦…", 5))
    #expect(elided("旗艦旗", 4) == ("旗…", 3))
    #expect(elided("a\u{1b}b", 6) == ("a\\x1bb", 6))
    #expect(elided("a\u{1b}b", 5) == ("a…", 2))
  }
}

/// Lines that a tracer has sent, on the terminal of whoever asked it.
@Suite struct WrappedLineTests {
  private func wrapped(_ line: String, columns: Int?, isUnicode: Bool = true) -> String {
    var text = TextBuffer()
    let style = TerminalStyle(isUnicode: isUnicode, columns: columns)
    WrappedLine(Array(line.utf8), for: style).append(to: &text)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  private let word = String(repeating: "w", count: 30)

  @Test func `a line that has room stays as it is`() {
    #expect(wrapped("  a   b", columns: 80) == "  a   b\n")
    #expect(wrapped("", columns: 80) == "\n")
    #expect(wrapped("\(word) \(word) \(word)", columns: nil) == "\(word) \(word) \(word)\n")
    #expect(wrapped("\(word) \(word)", columns: 61) == "\(word) \(word)\n")
  }

  @Test func `one that has none goes on below, further in`() {
    #expect(
      wrapped("  \(word)  \(word)  \(word)", columns: 80) == "  \(word)  \(word)\n      \(word)\n")
  }

  @Test func `a word is broken only where no line has room for it`() {
    let long = String(repeating: "v", count: 100)
    #expect(
      wrapped("a \(long)", columns: 80)
        == "a\n    \(String(repeating: "v", count: 76))\n    \(String(repeating: "v", count: 24))\n"
    )
  }

  @Test func `wide characters take two columns`() {
    let wide = String(repeating: "旗", count: 20)
    #expect(wrapped("\(wide) \(wide)", columns: 80) == "\(wide)\n    \(wide)\n")
    #expect(wrapped("\(wide) \(wide)", columns: 81) == "\(wide) \(wide)\n")
  }

  @Test func `whatever else may listen on that socket commands no terminal`() {
    #expect(
      wrapped("a\u{1b}[2J \u{202e}b\\x1b", columns: 80) == "a\\x1b[2J \\xe2\\x80\\xaeb\\x1b\n")
    #expect(wrapped("旗", columns: 80, isUnicode: false) == "\\xe6\\x97\\x97\n")
    let deep = wrapped(String(repeating: " ", count: 1000) + "a\u{1b}b", columns: 80)
    #expect(
      deep == String(repeating: " ", count: 1000) + "\n" + String(repeating: " ", count: 68)
        + "a\\x1bb\n")
  }
}
