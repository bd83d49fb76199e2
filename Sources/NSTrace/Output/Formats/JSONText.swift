// SPDX-License-Identifier: Apache-2.0

/// JSON in which no character can change how a terminal, pager or editor shows the rest.
///
/// Escaped, as `\uXXXX`, are control characters, also DEL and those of C1; format characters, which
/// turn the direction of a line or have no width; other characters that are ignored by default; and
/// the separators of lines and paragraphs.
package enum JSONText {
  /// Appends any bytes as a string, with its quotes. Invalid UTF-8 becomes U+FFFD.
  static func append(string value: some Collection<UInt8>, to text: inout TextBuffer) {
    text.append("\"")
    if value.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != quote && $0 != backslash }) {
      text.append(raw: value)
    } else {
      for scalar in String(decoding: value, as: UTF8.self).unicodeScalars {
        if scalar == "\"" || scalar == "\\" { text.append("\\") }
        append(scalar, to: &text)
      }
    }
    text.append("\"")
  }

  /// Appends JSON of another process. It has the same value with the escapes, which stand inside of strings.
  /// - Parameter json: valid JSON.
  package static func append(json: some Collection<UInt8>, to text: inout TextBuffer) {
    for scalar in String(decoding: json, as: UTF8.self).unicodeScalars { append(scalar, to: &text) }
  }

  private static var quote: UInt8 { UInt8(ascii: "\"") }
  private static var backslash: UInt8 { UInt8(ascii: "\\") }

  private static func append(_ scalar: Unicode.Scalar, to text: inout TextBuffer) {
    guard scalar.isHarmful else { return text.append(raw: Array(String(scalar).utf8)) }
    for unit in UTF16.encode(scalar)! {
      text.append("\\u")
      text.append(hex: UInt64(unit), minimumDigits: 4)
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isHarmful: Bool {
    if isASCII { return value < 0x20 || value == 0x7f }
    if properties.isDefaultIgnorableCodePoint { return true }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
