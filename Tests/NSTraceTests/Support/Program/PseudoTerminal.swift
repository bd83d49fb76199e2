// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A terminal whose other side is the test.
struct PseudoTerminal: ~Copyable {
  /// The program's side, for its standard output.
  let programSide: Int32
  private let ownSide: Int32
  private(set) var output: [UInt8] = []

  /// TIOCSPTLCK and TIOCGPTPEER, which Swift's Glibc module lacks.
  private static let lock: UInt = 0x4004_5431
  private static let openPeer: UInt = 0x5441

  init(columns: UInt16) throws {
    ownSide = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    var isLocked: Int32 = 0
    _ = ioctl(ownSide, Self.lock, &isLocked)
    programSide = ioctl(ownSide, Self.openPeer, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard programSide >= 0 else { throw ChildProcessError.cannotStart("a terminal", errno: errno) }
    resize(columns: columns)
  }

  deinit {
    close(programSide)
    close(ownSide)
  }

  /// Changes the width. A program outside of the terminal's session gets no SIGWINCH from it.
  func resize(columns: UInt16) {
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(ownSide, UInt(TIOCSWINSZ), &size)
  }

  /// The lines on the screen, without colours.
  var lines: [String] {
    String(decoding: output, as: UTF8.self).split(separator: "\r\n").map {
      String($0.replacing(/\u{1b}\[[0-9]+m/, with: ""))
    }
  }

  /// Reads until `isDone`.
  /// - Throws: `ChildProcessError` at the deadline.
  mutating func wait(for what: String, _ isDone: ([String]) -> Bool) throws {
    let deadline = Patience.end
    while !isDone(lines) {
      guard ContinuousClock.now < deadline else {
        throw ChildProcessError.timedOut(
          what, output: String(decoding: output, as: UTF8.self), errors: "")
      }
      var waiting = pollfd(fd: ownSide, events: Int16(POLLIN), revents: 0)
      poll(&waiting, 1, 100)
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(ownSide, &piece, piece.count)
      if count > 0 { output += piece[..<count] }
    }
  }
}
