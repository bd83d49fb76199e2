// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace

/// A FIFO as small as one can be, whose reader reads when a test says so.
struct SmallPipe: ~Copyable {
  static let capacity = 4096
  private let directory: ScratchDirectory
  private let reading: Int32

  init() throws {
    let directory = try ScratchDirectory()
    let path = directory.file("pipe")
    guard mkfifo(path, 0o600) == 0 else { throw SystemError("make a FIFO", errno: errno) }
    let reading = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    // Swift's Glibc lacks the name.
    let setPipeSize: Int32 = 1031
    guard fcntl(reading, setPipeSize, Int32(Self.capacity)) == Self.capacity else {
      throw SystemError("make a small pipe", errno: errno)
    }
    self.directory = directory
    self.reading = reading
  }

  deinit { close(reading) }

  /// What is in the pipe now.
  func read() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(reading, &bytes, bytes.count)
    return Array(bytes[..<max(count, 0)])
  }

  /// The end that is written to.
  func file() throws -> FileDescriptor { try .appending(directory.file("pipe")) }
}
