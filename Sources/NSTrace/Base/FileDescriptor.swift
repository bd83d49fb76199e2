// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// An open file that is closed at the end of its owner's life.
package struct FileDescriptor: ~Copyable, Sendable {
  package let raw: Int32
  /// The name in error messages.
  package let name: String
  private let closes: Bool

  private init(raw: Int32, name: String, closes: Bool) {
    self.raw = raw
    self.name = name
    self.closes = closes
  }

  /// Takes over a descriptor that another process has opened and checked, as `appending` does.
  package init(received raw: Int32, name: String) {
    self.init(raw: raw, name: name, closes: true)
  }

  /// No file yet.
  static func absent(_ name: String) -> FileDescriptor {
    FileDescriptor(raw: -1, name: name, closes: false)
  }

  /// Whether it is no file yet.
  var isAbsent: Bool { raw < 0 }

  package static var standardInput: FileDescriptor {
    FileDescriptor(raw: 0, name: "standard input", closes: false)
  }

  package static var standardOutput: FileDescriptor {
    FileDescriptor(raw: 1, name: "standard output", closes: false)
  }

  /// Standard output for `writeSome`. A terminal is opened again with O_NONBLOCK, which on the shared
  /// description would affect every process of the terminal.
  package static func patientOutput() -> FileDescriptor {
    let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let raw = isatty(1) == 1 ? unsafe Glibc.open("/proc/self/fd/1", flags) : -1
    guard raw >= 0 else { return standardOutput }
    return FileDescriptor(raw: raw, name: "standard output", closes: true)
  }

  /// Opens a file for reading.
  /// - Throws: `SystemError`.
  package static func reading(_ path: String) throws(SystemError) -> FileDescriptor {
    try open(path, O_RDONLY, mode: 0)
  }

  /// Creates a file, or takes an empty one. Its mode is 0600, because a recording is private.
  ///
  /// A file with content is evidence: it is refused with EEXIST, unless it may be overwritten.
  /// A symbolic link is not followed, and a file of another user or with a second name is refused,
  /// so that no other user can choose which file is overwritten, or keep it to read. So is a FIFO
  /// that is neither this user's nor root's. A file that another process has locked is in use (EBUSY).
  /// Neither this nor a live write waits for the reader of a FIFO.
  /// - Parameter overwriting: whether a file with content is emptied.
  /// - Throws: `SystemError`.
  package static func creating(
    _ path: String, overwriting: Bool = false
  ) throws(SystemError) -> FileDescriptor {
    // Emptied only once its owner is known.
    let file = try open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode: 0o600)
    guard try file.isOwnFile() else { return file }
    try file.claim()
    if !overwriting { try file.checkEmpty() }
    // An existing file keeps its mode.
    guard fchmod(file.raw, 0o600) == 0 else {
      throw .last("make \(path) readable for its owner only")
    }
    try file.truncate(to: 0)
    return file
  }

  /// Opens a file for appending; a new one has mode 0600. Refuses the same files as `creating`.
  /// - Throws: `SystemError`.
  package static func appending(_ path: String) throws(SystemError) -> FileDescriptor {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK
    let file = try open(path, flags, mode: 0o600)
    _ = try file.isOwnFile()
    return file
  }

  /// Opens a directory, which may not be a symbolic link.
  /// - Throws: `SystemError`.
  static func directory(_ path: String) throws(SystemError) -> FileDescriptor {
    // A slash at the end would have a link followed.
    let end = path.lastIndex { $0 != "/" } ?? path.startIndex
    let raw = unsafe Glibc.open(
      String(path[...end]), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard raw >= 0 else { throw .last("open the directory \(path), which is no link") }
    return FileDescriptor(raw: raw, name: path, closes: true)
  }

  /// Opens a file in a directory for appending; a new one has mode 0600. Refuses all but a regular file of
  /// this user's that has no second name and that no other user may write to.
  /// - Throws: `SystemError`.
  static func appending(
    _ name: String, in directory: borrowing FileDescriptor
  ) throws(SystemError) -> FileDescriptor {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let path = "\(directory.name)/\(name)"
    let raw = unsafe openat(directory.raw, name, flags, 0o600)
    guard raw >= 0 else { throw .last(action(flags, path)) }
    let file = FileDescriptor(raw: raw, name: path, closes: true)
    guard try file.isOwnFile() else {
      throw SystemError("write to \(path), which is no regular file: remove it", errno: EINVAL)
    }
    try file.checkClosedToOthers()
    return file
  }

  private func checkClosedToOthers() throws(SystemError) {
    var status = stat()
    guard unsafe fstat(raw, &status) == 0 else { throw .last("look at \(name)") }
    guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
      throw SystemError("write to \(name), to which others may write: remove it", errno: EACCES)
    }
  }

  /// Whether it is a regular file; a device or a pipe is left as it is.
  /// - Throws: `SystemError` if the regular file or FIFO is another user's, or the file has a second
  ///   name.
  private func isOwnFile() throws(SystemError) -> Bool {
    var status = stat()
    guard unsafe fstat(raw, &status) == 0 else { throw .last("look at \(name)") }
    let kind = status.st_mode & S_IFMT
    let isForeign = status.st_uid != geteuid() && (kind == S_IFREG || status.st_uid != 0)
    guard !isForeign || kind != S_IFREG && kind != S_IFIFO else {
      throw SystemError("write to \(name), which is another user's: remove it", errno: EPERM)
    }
    guard kind == S_IFREG else { return false }
    guard status.st_nlink <= 1 else {
      throw SystemError("write to \(name), which has another name too: remove it", errno: EMLINK)
    }
    return true
  }

  /// Locks the file against other tracers, for as long as it is open.
  /// - Returns: whether it has the lock.
  func lock() -> Bool { flock(raw, LOCK_EX | LOCK_NB) == 0 }

  /// Locks a regular file, or refuses one that another process has locked.
  /// - Throws: `SystemError`: EBUSY.
  func claim() throws(SystemError) {
    // Other errors are of file systems that have no locks.
    guard size != nil, !lock(), Glibc.errno == EWOULDBLOCK else { return }
    throw SystemError("write to \(name), to which another process writes", errno: EBUSY)
  }

  private func checkEmpty() throws(SystemError) {
    guard size == 0 else {
      throw SystemError(
        "write to \(name), which is not empty: give another name, or --force to overwrite it",
        errno: EEXIST)
    }
  }

  /// The first `count` bytes of a regular file, or all if it has fewer; nil: it is no regular file,
  /// or may not be read.
  static func head(of path: String, _ count: Int) -> [UInt8]? {
    // A pipe would make the open wait for its writer.
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
    guard let file = try? open(path, flags, mode: 0), file.size != nil else { return nil }
    return try? file.read(count)
  }

  private static func open(
    _ path: String, _ flags: Int32, mode: mode_t
  ) throws(SystemError) -> FileDescriptor {
    let raw = unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
    guard raw >= 0 else {
      throw .last(action(flags, path))
    }
    return FileDescriptor(raw: raw, name: path, closes: true)
  }

  private static func action(_ flags: Int32, _ path: String) -> String {
    switch Glibc.errno {
    case ELOOP where flags & O_NOFOLLOW != 0: "write through the symbolic link \(path)"
    case ENXIO where flags & O_WRONLY != 0: "open \(path), a FIFO that nobody reads"
    default: "open \(path)"
    }
  }

  deinit { if closes { close(raw) } }

  /// Fills `buffer` from the file.
  /// - Returns: the number of bytes: less than the buffer has only at the end of the file.
  /// - Throws: `SystemError`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    var done = 0
    while done < buffer.count {
      let count = unsafe Glibc.read(raw, buffer.baseAddress! + done, buffer.count - done)
      if count == 0 { break }
      if count < 0 {
        if Glibc.errno == EINTR { continue }
        throw .last("read \(name)")
      }
      done += count
    }
    return done
  }

  /// Reads the next `count` bytes, or the rest if there are fewer.
  /// - Throws: `SystemError`.
  package func read(_ count: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var taken = 0
    var span = bytes.mutableSpan
    var room = unsafe span.mutableBytes
    try unsafe room.withUnsafeMutableBytes { (room) throws(SystemError) in
      taken = try unsafe read(into: room)
    }
    return Array(bytes[..<taken])
  }

  /// Reads the rest of the file.
  /// - Throws: `SystemError`.
  package func readToEnd() throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let part = try read(1 << 16)
      bytes += part
      if part.count < 1 << 16 { return bytes }
    }
  }

  /// Writes all of `bytes`.
  /// - Throws: `SystemError`.
  package func write(_ bytes: [UInt8]) throws(SystemError) {
    try unsafe bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in
      try unsafe write(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Writes all of `bytes`.
  /// - Throws: `SystemError`.
  func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe Glibc.write(raw, bytes.baseAddress! + done, bytes.count - done)
      if count >= 0 {
        done += count
      } else if Glibc.errno == EAGAIN {
        // Another process may have made a shared descriptor non-blocking.
        _ = try waitWritable(milliseconds: -1)
      } else if Glibc.errno != EINTR {
        throw .last("write to \(name)")
      }
    }
  }

  /// Truncates the file to `length` bytes.
  /// - Throws: `SystemError`.
  package func truncate(to length: Int) throws(SystemError) {
    guard ftruncate(raw, off_t(length)) == 0, lseek(raw, off_t(length), SEEK_SET) >= 0 else {
      throw .last("truncate \(name)")
    }
  }

  /// Its size in bytes; nil: it has none, like a pipe.
  package var size: Int? {
    var status = stat()
    guard unsafe fstat(raw, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }
}
