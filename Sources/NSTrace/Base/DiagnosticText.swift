// SPDX-License-Identifier: Apache-2.0

/// A message that contains names which others have chosen: of files, or in an answer.
package enum DiagnosticText {
  /// The message on one line, with every byte as `\xNN` that a terminal must not be sent: by the rule of
  /// tables, but with spaces. Applied twice it is the same.
  package static func shown(_ message: String) -> String {
    if message.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return message }
    var shown = ""
    for scalar in message.unicodeScalars {
      if scalar == " " || scalar.terminalColumns != nil {
        shown.unicodeScalars.append(scalar)
      } else {
        for byte in String(scalar).utf8 { shown += escape(byte) }
      }
    }
    return shown
  }

  private static func escape(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return "\\x" + (digits.count < 2 ? "0" : "") + digits
  }
}
