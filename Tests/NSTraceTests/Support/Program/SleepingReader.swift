// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace

/// A reader of a program's output that sleeps until a test wakes it.
struct SleepingReader: ~Copyable {
  private let reading: Int32
  /// The program's end.
  let writing: Int32
  private(set) var bytes: [UInt8] = []

  init() throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw SystemError("make a pipe", errno: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    close(writing)
  }

  /// Reads what there is.
  mutating func read() {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(reading, &piece, piece.count)
      guard count > 0 else { return }
      bytes += piece[..<count]
    }
  }

  /// The lines that were read.
  var lines: [Substring] { String(decoding: bytes, as: UTF8.self).split(separator: "\n") }
}
