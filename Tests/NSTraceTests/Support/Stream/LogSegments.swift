// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace

/// A log's files, by system calls of this process.
struct LogSegments: LogFiles {
  /// The path of the log.
  let path: String

  /// How many earlier segments are kept.
  let keep: Int

  init(path: String, keep: Int = 4) { (self.path, self.keep) = (path, keep) }

  func reopen() throws(SystemError) -> FileDescriptor { try .appending(path) }

  func rotate() throws(SystemError) -> FileDescriptor {
    for number in stride(from: keep, to: 0, by: -1) {
      try rename(from: number - 1, to: number)
    }
    return try reopen()
  }

  func removeOldest() throws(SystemError) -> Bool {
    for number in stride(from: keep, to: 0, by: -1) {
      if unlink(name(of: number)) == 0 { return true }
      guard Glibc.errno == ENOENT else {
        throw SystemError("remove \(name(of: number))", errno: errno)
      }
    }
    return false
  }

  /// Replaces the segment `new`, if there is one.
  private func rename(from old: Int, to new: Int) throws(SystemError) {
    guard Glibc.rename(name(of: old), name(of: new)) != 0, Glibc.errno != ENOENT else {
      return
    }
    throw SystemError("rename \(name(of: old))", errno: errno)
  }

  private func name(of number: Int) -> String { number == 0 ? path : "\(path).\(number)" }
}
