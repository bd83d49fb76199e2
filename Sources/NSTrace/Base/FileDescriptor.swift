// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// An open file that is closed when its owner goes away.
package struct FileDescriptor: ~Copyable, Sendable {
  package let raw: Int32
  /// For error messages.
  package let name: String
  private let closes: Bool
  private var interrupt: Int32 = -1
  private var isHurried = false

  private init(raw: Int32, name: String, closes: Bool) {
    self.raw = raw
    self.name = name
    self.closes = closes
  }

  package static var standardInput: FileDescriptor {
    FileDescriptor(raw: 0, name: "standard input", closes: false)
  }

  package static var standardOutput: FileDescriptor { standardOutput(interruptedBy: -1) }

  /// - Parameter interrupt: a descriptor that becomes readable when there is no time to wait any
  ///   more for whoever reads the output; -1: there is none.
  package static func standardOutput(interruptedBy interrupt: Int32) -> FileDescriptor {
    var output = FileDescriptor(raw: 1, name: "standard output", closes: false)
    output.interrupt = interrupt
    return output
  }

  /// - Throws: `SystemError` when it cannot be opened.
  package static func reading(_ path: String) throws(SystemError) -> FileDescriptor {
    try open(path, O_RDONLY, mode: 0)
  }

  /// A new file, or an old one emptied, mode 0600: what is recorded is nobody else's business.
  /// A symbolic link is not followed, and neither another user's file nor one that has a second name
  /// is touched, so that nobody can choose which file is overwritten, or keep it to read.
  /// - Throws: `SystemError` when it cannot be opened.
  package static func creating(_ path: String) throws(SystemError) -> FileDescriptor {
    // Emptied only when it is known whose it is.
    let file = try open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o600)
    guard try file.isOwnFile() else { return file }
    // An old file keeps the mode it had.
    guard fchmod(file.raw, 0o600) == 0 else {
      throw .last("make \(path) readable for its owner only")
    }
    try file.truncate(to: 0)
    return file
  }

  /// A file that is written to at its end; new: mode 0600. Whose file it may be: as with `creating`.
  /// - Throws: `SystemError` when it cannot be opened.
  package static func appending(_ path: String) throws(SystemError) -> FileDescriptor {
    let file = try open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600)
    _ = try file.isOwnFile()
    return file
  }

  /// False: it is a device or a pipe, which is left as it is.
  private func isOwnFile() throws(SystemError) -> Bool {
    var status = stat()
    guard unsafe fstat(raw, &status) == 0 else { throw .last("look at \(name)") }
    guard status.st_mode & S_IFMT == S_IFREG else { return false }
    guard status.st_uid == geteuid() else {
      throw SystemError("write to \(name), which is another user's: remove it", errno: EPERM)
    }
    guard status.st_nlink <= 1 else {
      throw SystemError("write to \(name), which has another name too: remove it", errno: EMLINK)
    }
    return true
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

  /// What is left of it.
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
      if interrupt >= 0 { try waitWritable() }
      let (start, rest) = unsafe (bytes.baseAddress! + done, bytes.count - done)
      let count =
        unsafe interrupt >= 0
        ? nst_write_some(raw, start, rest) : Glibc.write(raw, start, rest)
      if count >= 0 {
        done += count
      } else if Glibc.errno == EAGAIN {
        // Somebody else may have made a shared descriptor non-blocking.
        try waitWritable()
      } else if Glibc.errno != EINTR {
        throw .last("write to \(name)")
      }
    }
  }

  /// How long a reader has, once the end was asked for, before the rest is given up.
  private static let patienceMilliseconds: Int32 = 1000

  /// The end was asked for: from now on no reader is waited for longer than a moment.
  mutating func hurry() { isHurried = true }

  private func waitWritable() throws(SystemError) {
    if !isHurried, try poll(raw, orReadable: interrupt, milliseconds: -1) { return }
    guard try poll(raw, orReadable: -1, milliseconds: Self.patienceMilliseconds) else {
      throw SystemError("write the rest, for nobody reads \(name)", errno: ETIMEDOUT)
    }
  }

  /// Whether `output` can be written to, or never again, before `input` is readable or time is up.
  private func poll(
    _ output: Int32, orReadable input: Int32, milliseconds: Int32
  ) throws(SystemError) -> Bool {
    var fds = [
      pollfd(fd: output, events: Int16(POLLOUT), revents: 0),
      pollfd(fd: input, events: Int16(POLLIN), revents: 0),
    ]
    guard unsafe Glibc.poll(&fds, 2, milliseconds) >= 0 || Glibc.errno == EINTR else {
      throw .last("write to \(name)")
    }
    return fds[0].revents != 0
  }

  /// Cuts the file at `length` bytes.
  /// - Throws: `SystemError`.
  package func truncate(to length: Int) throws(SystemError) {
    guard ftruncate(raw, off_t(length)) == 0, lseek(raw, off_t(length), SEEK_SET) >= 0 else {
      throw .last("truncate \(name)")
    }
  }

  /// Its size in bytes; nil for what has none, such as a pipe.
  package var size: Int? {
    var status = stat()
    guard unsafe fstat(raw, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }
}
