// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// The files of a log, which an attendant opens, renames and removes.
final class AttendedLog: LogFiles {
  private let path: String
  /// Nil before it is started: files are then opened here.
  var attendant: Attendant?

  init(path: String) { self.path = path }

  func reopen() throws(SystemError) -> FileDescriptor {
    if let file = try attendant?.reopenLog() { return file }
    return try .appending(path)
  }

  func rotate() throws(SystemError) -> FileDescriptor {
    if let file = try attendant?.rotateLog() { return file }
    throw SystemError("rotate \(path)", errno: EPERM)
  }

  func removeOldest() throws(SystemError) -> Bool {
    do throws(SystemError) {
      try attendant?.removeOldestLog()
      return attendant != nil
    } catch {
      if error.errno == ENOENT { return false }
      throw error
    }
  }
}
