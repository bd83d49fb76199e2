// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// Says at once, and then once a minute, how much more is missing than was said before. It is said on
/// standard error and in the system's log: auditd gives its plugins no terminal.
struct PacedWarning {
  private var said = (events: 0, lines: 0)
  private var next: ContinuousClock.Instant?

  private static let interval = Duration.seconds(60)

  /// - Parameters:
  ///   - isLast: there is no later time to say it.
  ///   - text: the message for that many more.
  mutating func tell(
    missing events: Int, _ lines: Int, isLast: Bool, _ text: (Int, Int) -> String
  ) {
    let more = (events - said.events, lines - said.lines)
    guard more.0 > 0 || more.1 > 0, isLast || next.map({ $0 <= .now }) ?? true else { return }
    said = (events, lines)
    next = .now + Self.interval
    Self.tell(text(more.0, more.1))
  }

  static func tell(_ message: String) {
    Diagnostics.warn(message)
    DiagnosticText.shown(message).withCString { message in
      withVaList([message]) { vsyslog(LOG_DAEMON | LOG_WARNING, "nstrace: %s", $0) }
    }
  }
}
