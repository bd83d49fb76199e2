// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// Messages for the user: on standard error, one sentence a line. Control characters in them are escaped.
enum Diagnostics {
  static func say(_ message: String) { write("nstrace: \(DiagnosticText.shown(message))\n") }
  static func warn(_ message: String) {
    write("nstrace: warning: \(DiagnosticText.shown(message))\n")
  }
  static func fail(_ message: String) {
    write("nstrace: error: \(DiagnosticText.shown(message))\n")
  }

  /// Whether a line is left out that standard error does not take at once: the reader of both outputs
  /// may be asleep, and a live run does not wait for it.
  nonisolated(unsafe) static var isLive = false

  /// Uses one write(2), so that lines of several processes do not mix.
  static func write(_ line: String) {
    let bytes = Array(line.utf8)
    if isLive {
      _ = nst_write_some(STDERR_FILENO, bytes, bytes.count)
    } else {
      _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
  }
}
