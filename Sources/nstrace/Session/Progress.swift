// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Shows how far a replay has come: on a terminal, after the first second, unless `isQuiet`.
struct Progress {
  private let name: String
  private let bytes: Int?
  private let isWanted: Bool
  private let clock = ContinuousClock()
  private var next: ContinuousClock.Instant
  private var isShown = false

  init(of name: String, bytes: Int?, isQuiet: Bool) {
    self.name = name
    self.bytes = bytes
    isWanted = !isQuiet && isatty(STDERR_FILENO) == 1 && Terminal.takesCommands
    next = clock.now + .seconds(1)
  }

  mutating func show(_ done: Int) {
    guard isWanted, clock.now >= next else { return }
    next = clock.now + .milliseconds(200)
    isShown = true
    let total = bytes.map { " of \($0 >> 20) MiB (\(done * 100 / max($0, 1)) %)" } ?? ""
    Diagnostics.write("\r\u{1b}[K\(name): \(done >> 20) MiB\(total)")
  }

  func clear() {
    if isShown { Diagnostics.write("\r\u{1b}[K") }
  }
}
