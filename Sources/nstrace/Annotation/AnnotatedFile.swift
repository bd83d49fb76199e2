// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// The log that `audisp` writes. What it does not take is left out, counted, and recorded in its place as
/// soon as there is room again.
struct AnnotatedFile: ~Copyable {
  private let path: String
  private var file: FileDescriptor
  /// Why the last write failed; nil: it did not.
  private(set) var failure: SystemError?
  /// The lines that are left out, all in all.
  private(set) var leftOut = 0
  /// Those that no record of the log names yet, and since when: CLOCK_REALTIME, nanoseconds.
  private var unsaid = 0
  private var sinceNs: Int64 = 0
  /// Whether the file ends within a line, which could not be taken back: it may be append-only (chattr(1)).
  private var isCut = false
  /// The number of the last NS_LOST record.
  private var serial: UInt64 = 0

  /// Opens the log for appending, or makes it.
  /// - Throws: `SystemError`: as `FileDescriptor.appending`, and EBUSY if another process writes there.
  init(_ path: String) throws(SystemError) {
    self.path = path
    file = try Self.open(path)
  }

  private static func open(_ path: String) throws(SystemError) -> FileDescriptor {
    let file = try FileDescriptor.appending(path)
    guard file.size != nil else {
      throw SystemError("write to \(path), which is no file", errno: EINVAL)
    }
    guard flock(file.raw, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
      throw SystemError("write to \(path), to which another process writes", errno: EBUSY)
    }
    return file
  }

  /// Goes on in the file that has the name now.
  /// - Throws: `SystemError`; then the old file stays open.
  mutating func reopen() throws(SystemError) {
    var status = stat()
    var own = stat()
    // The same file: it could not be locked twice.
    if stat(path, &status) == 0, fstat(file.raw, &own) == 0, status.st_ino == own.st_ino,
      status.st_dev == own.st_dev
    {
      return
    }
    file = try Self.open(path)
  }

  /// Writes whole lines, as many as there is room for, and empties the text.
  mutating func write(_ text: inout TextBuffer) {
    defer { text.removeAll() }
    guard text.count > 0 else { return }
    let bytes = text.bytes
    let written = saysLeftOut() ? append(bytes) : 0
    let lines = bytes[written...].count { $0 == 0x0a }
    if lines > 0, unsaid == 0 { sinceNs = Self.nowNs }
    leftOut += lines
    unsaid += lines
  }

  /// Records what is missing, in its place.
  /// - Returns: false: there is no room for that.
  @discardableResult
  mutating func saysLeftOut() -> Bool {
    if unsaid == 0 { return true }
    var text = TextBuffer()
    if isCut { text.append("\n") }
    AuditLineFormat(spelling: .numbers(base: RecordType.defaultBase))
      .writeLost(unsaid, sinceNs: sinceNs, nowNs: Self.nowNs, serial: serial + 1, to: &text)
    guard append(text.bytes) == text.count else { return false }
    serial += 1
    unsaid = 0
    return true
  }

  /// Appends lines. Half a line is taken back, because the next one would be taken for its rest.
  /// - Returns: the number of bytes of the whole lines that were written.
  private mutating func append(_ bytes: [UInt8]) -> Int {
    let start = file.size ?? 0
    do throws(SystemError) {
      try file.write(bytes)
      (failure, isCut) = (nil, false)
      return bytes.count
    } catch {
      failure = error
      let written = min(max((file.size ?? start) - start, 0), bytes.count)
      let whole = (bytes[..<written].lastIndex(of: 0x0a) ?? -1) + 1
      takeBack(written - whole, at: start + whole)
      return whole
    }
  }

  private mutating func takeBack(_ count: Int, at place: Int) {
    guard count > 0 else { return }
    do throws(SystemError) {
      try file.truncate(to: place)
    } catch {
      isCut = true
    }
  }

  private static var nowNs: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }
}
