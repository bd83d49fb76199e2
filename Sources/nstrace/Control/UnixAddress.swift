// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// The address of a Unix socket, in the file system or abstract.
struct UnixAddress {
  let path: String
  private var raw = sockaddr_un()
  private let length: socklen_t

  /// - Throws: `SystemError` if the path is too long for an address.
  init(_ path: String) throws(SystemError) {
    let name = Array(path.utf8)
    // The NUL at the end counts, too.
    try self.init(path, name.contains(0) ? [] : name + [0])
  }

  /// An address as in $NOTIFY_SOCKET. A leading @ stands for the NUL of an abstract address, which has
  /// no NUL at its end.
  /// - Throws: `SystemError` if the path is too long for an address.
  init(notifySocket path: String) throws(SystemError) {
    guard path.hasPrefix("@") else {
      try self.init(path)
      return
    }
    try self.init(path, [0] + path.utf8.dropFirst())
  }

  private init(_ path: String, _ name: [UInt8]) throws(SystemError) {
    self.path = path
    raw.sun_family = sa_family_t(AF_UNIX)
    guard name.count > 1, name.count <= MemoryLayout.size(ofValue: raw.sun_path)
    else { throw SystemError("use \(path) as a socket", errno: ENAMETOOLONG) }
    withUnsafeMutableBytes(of: &raw.sun_path) { $0.copyBytes(from: name) }
    length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
  }

  /// A new socket, non-blocking and close-on-exec.
  func socket(_ type: __socket_type = SOCK_STREAM) throws(SystemError) -> Int32 {
    let fd = Glibc.socket(AF_UNIX, Int32(type.rawValue), 0)
    guard fd >= 0 else { throw SystemError("make a socket", errno: errno) }
    Self.prepare(fd)
    return fd
  }

  private static func prepare(_ fd: Int32) {
    _ = fcntl(fd, F_SETFD, FD_CLOEXEC)
    _ = fcntl(fd, F_SETFL, O_NONBLOCK)
  }

  /// Binds `fd`. The socket has mode 0600 from the beginning.
  /// - Returns: false if the path exists.
  func bind(_ fd: Int32) throws(SystemError) -> Bool {
    // The file gets the mode that the socket has (unix_bind). The process's umask would be that of all its
    // threads meanwhile.
    guard fchmod(fd, 0o600) == 0 else { throw SystemError("listen on \(path)", errno: errno) }
    if withRaw({ Glibc.bind(fd, $0, $1) }) == 0 { return true }
    guard errno == EADDRINUSE else { throw SystemError("listen on \(path)", errno: errno) }
    return false
  }

  /// - Returns: false if it failed; errno says why.
  func connect(_ fd: Int32) -> Bool { withRaw { Glibc.connect(fd, $0, $1) } == 0 }

  /// Connects, and waits while the queue of the listener is full.
  /// - Returns: false if it failed; errno says why, ETIMEDOUT if the queue stayed full.
  func connect(_ fd: Int32, waitingSeconds: Int32) -> Bool {
    var limit = timeval(tv_sec: Int(waitingSeconds), tv_usec: 0)
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    _ = fcntl(fd, F_SETFL, 0)
    defer { _ = fcntl(fd, F_SETFL, O_NONBLOCK) }
    if connect(fd) { return true }
    if errno == EAGAIN { errno = ETIMEDOUT }
    return false
  }

  /// Sends one datagram, and blocks until it is taken.
  /// - Throws: `SystemError`, also if nothing listens on the address.
  func send(_ message: String) throws(SystemError) {
    let fd = try socket(SOCK_DGRAM)
    defer { close(fd) }
    _ = fcntl(fd, F_SETFL, 0)
    let bytes = Array(message.utf8)
    let sent = withRaw { sendto(fd, bytes, bytes.count, 0, $0, $1) }
    guard sent == bytes.count else { throw SystemError("send to \(path)", errno: errno) }
  }

  private func withRaw<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: raw) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }
}
