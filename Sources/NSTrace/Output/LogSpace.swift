// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The room that a log has: in its segment, by `LogLimits`, and on its file system.
struct LogSpace {
  let files: any LogFiles
  let limits: LogLimits
  /// The bytes of the segment; nil: it has no segments, because it is no regular file.
  private var size: Int?
  /// Why the last rotation failed; nil: none has since this was taken.
  var failure: SystemError?

  init(_ files: any LogFiles, _ limits: LogLimits) {
    self.files = files
    self.limits = limits
  }

  /// Begins to count, and locks: `file` is the log now. Two tracers with one log would rotate each
  /// other's records away.
  mutating func begin(_ file: borrowing FileDescriptor) {
    size = file.size
    _ = size.map { _ in file.lock() }
  }

  /// Counts bytes that were written; a negative number was cut off.
  mutating func add(_ bytes: Int) { size? += bytes }

  /// How many bytes of `lines` the segment has room for: whole lines.
  func room(for lines: UnsafeRawBufferPointer) -> Int {
    guard let size, let segmentBytes = limits.segmentBytes else { return lines.count }
    let left = max(segmentBytes - size, 0)
    if lines.count <= left { return lines.count }
    let fitting = unsafe Self.end(of: lines[..<left].lastIndex(of: UInt8(ascii: "\n")))
    // A line that is longer than a segment has one of its own.
    guard fitting == 0, size == 0 else { return fitting }
    return unsafe Self.end(of: lines.firstIndex(of: UInt8(ascii: "\n")))
  }

  private static func end(of newline: Int?) -> Int { newline.map { $0 + 1 } ?? 0 }

  /// Begins the next segment.
  /// - Returns: its file; nil if that failed. The old segment then grows by another one's length.
  mutating func rotate() -> FileDescriptor? {
    do throws(SystemError) {
      return try files.rotate()
    } catch {
      failure = error
      size = 0
      return nil
    }
  }

  /// - Throws: ENOSPC if fewer bytes than the limit would be free after a write of `bytes`.
  func check(_ file: borrowing FileDescriptor, bytes: Int) throws(SystemError) {
    guard limits.freeBytes > 0, let free = file.freeBytes, free - bytes < limits.freeBytes else {
      return
    }
    throw SystemError(
      "write to \(file.name) and leave what --log-free asks for", errno: ENOSPC)
  }

  /// Removes the oldest segment after an error for want of room.
  /// - Returns: whether another write is worth a try.
  mutating func makesRoom(after error: SystemError) -> Bool {
    guard error.isNoSpace, limits.whenFull == .rotate, size != nil else { return false }
    do throws(SystemError) {
      return try files.removeOldest()
    } catch {
      failure = error
      return false
    }
  }
}
