// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import NSTrace

/// Messages with names that others have chosen.
@Suite struct DiagnosticTextTests {
  @Test(
    arguments: [
      ("a plain name", "a plain name"), ("\u{1b}[31mred", #"\x1b[31mred"#),
      ("a\nb\r", #"a\x0ab\x0d"#),
      ("\u{7f}\u{9b}", #"\x7f\xc2\x9b"#), ("\u{202e}\u{200b}", #"\xe2\x80\xae\xe2\x80\x8b"#),
      ("é 日本", "é 日本"), (#"\x1b"#, #"\x1b"#),
    ])
  func `what a terminal must not be sent is a number`(_ message: String, _ shown: String) {
    #expect(DiagnosticText.shown(message) == shown)
    #expect(DiagnosticText.shown(shown) == shown)
  }

  @Test func `a failed system call names its file so`() {
    let error = SystemError("open a\u{1b}]0;x\u{7}", errno: ENOENT)
    #expect("\(error)" == #"cannot open a\x1b]0;x\x07: No such file or directory"#)
  }

  @Test func `so does the program`() throws {
    var nstrace = try ChildProcess(BuiltProducts.nstrace, ["replay", "/nowhere/\u{1b}[2J\u{202e}"])
    #expect(try nstrace.waitForExit() == .exited(1))
    #expect(
      nstrace.errorText
        == #"nstrace: error: cannot open /nowhere/\x1b[2J\xe2\x80\xae: No such file or directory"#
        + "\n")
  }
}
