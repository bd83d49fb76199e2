// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// An open file that is closed when its owner goes away.
public struct FileDescriptor: ~Copyable, Sendable {
  public let raw: Int32
  /// For error messages.
  public let name: String
  private let closes: Bool

  private init(raw: Int32, name: String, closes: Bool) {
    self.raw = raw
    self.name = name
    self.closes = closes
  }

  public static var standardInput: FileDescriptor {
    FileDescriptor(raw: 0, name: "standard input", closes: false)
  }

  public static var standardOutput: FileDescriptor {
    FileDescriptor(raw: 1, name: "standard output", closes: false)
  }

  /// - Throws: `SystemError` when it cannot be opened.
  public static func reading(_ path: String) throws(SystemError) -> FileDescriptor {
    try open(path, O_RDONLY, mode: 0)
  }

  /// A new file, or an old one emptied, mode 0600: what is recorded is nobody else's business.
  /// A symbolic link is not followed, so that nobody can choose which file is overwritten.
  /// - Throws: `SystemError` when it cannot be opened.
  public static func creating(_ path: String) throws(SystemError) -> FileDescriptor {
    let file = try open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
    // An old file keeps the mode it had; a device or a pipe is left alone.
    guard file.size == nil || fchmod(file.raw, 0o600) == 0 else {
      throw .last("make \(path) readable for its owner only")
    }
    return file
  }

  /// A file that is written to at its end; new: mode 0600. A symbolic link is not followed.
  /// - Throws: `SystemError` when it cannot be opened.
  public static func appending(_ path: String) throws(SystemError) -> FileDescriptor {
    try open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600)
  }

  private static func open(
    _ path: String, _ flags: Int32, mode: mode_t
  ) throws(SystemError) -> FileDescriptor {
    let raw = unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
    guard raw >= 0 else {
      let isLink = Glibc.errno == ELOOP && flags & O_NOFOLLOW != 0
      throw .last(isLink ? "write through the symbolic link \(path)" : "open \(path)")
    }
    return FileDescriptor(raw: raw, name: path, closes: true)
  }

  deinit { if closes { close(raw) } }

  /// Fills `buffer` from the file as far as it goes.
  /// - Returns: how many bytes, fewer than there is room for only at the end of the file.
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

  /// The next `count` bytes, or what is left.
  /// - Throws: `SystemError`.
  func read(_ count: Int) throws(SystemError) -> [UInt8] {
    var bytes = RecordBatch()
    try unsafe bytes.append(room: count) { (room) throws(SystemError) in
      try unsafe read(into: room)
    }
    var copy: [UInt8] = []
    bytes.withBytes { copy = [UInt8]($0) }
    return copy
  }

  /// Writes all of `bytes`.
  /// - Throws: `SystemError`.
  public func write(_ bytes: [UInt8]) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let from = done
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe Glibc.write(raw, bytes.baseAddress! + from, bytes.count - from)
      }
      if count >= 0 {
        done += count
      } else if Glibc.errno == EAGAIN {
        try waitWritable()
      } else if Glibc.errno != EINTR {
        throw .last("write to \(name)")
      }
    }
  }

  /// Somebody else may have made a shared descriptor non-blocking.
  private func waitWritable() throws(SystemError) {
    var fd = pollfd(fd: raw, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&fd, 1, -1) >= 0 || Glibc.errno == EINTR else {
      throw .last("write to \(name)")
    }
  }

  /// Cuts the file at `length` bytes.
  /// - Throws: `SystemError`.
  public func truncate(to length: Int) throws(SystemError) {
    guard ftruncate(raw, off_t(length)) == 0, lseek(raw, off_t(length), SEEK_SET) >= 0 else {
      throw .last("truncate \(name)")
    }
  }

  /// Its size in bytes; nil for what has none, such as a pipe.
  public var size: Int? {
    var status = stat()
    guard unsafe fstat(raw, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }
}
