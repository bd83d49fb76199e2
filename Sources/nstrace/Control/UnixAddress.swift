// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// The address of a Unix stream socket in the file system.
struct UnixAddress {
  let path: String
  private var raw = sockaddr_un()

  /// - Throws: `SystemError` when the path is longer than an address can be.
  init(_ path: String) throws(SystemError) {
    self.path = path
    raw.sun_family = sa_family_t(AF_UNIX)
    let name = Array(path.utf8)
    guard !name.isEmpty, !name.contains(0), name.count < MemoryLayout.size(ofValue: raw.sun_path)
    else { throw SystemError("use \(path) as a socket", errno: ENAMETOOLONG) }
    withUnsafeMutableBytes(of: &raw.sun_path) { $0.copyBytes(from: name) }
  }

  /// A socket that does not block and does not outlive exec.
  func socket() throws(SystemError) -> Int32 {
    let fd = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard fd >= 0 else { throw SystemError("make a socket", errno: errno) }
    Self.prepare(fd)
    return fd
  }

  static func prepare(_ fd: Int32) {
    _ = fcntl(fd, F_SETFD, FD_CLOEXEC)
    _ = fcntl(fd, F_SETFL, O_NONBLOCK)
  }

  /// Mode 0600 from the first moment. False: something has that name.
  func bind(_ fd: Int32) throws(SystemError) -> Bool {
    let old = umask(0o177)
    defer { umask(old) }
    if withRaw({ Glibc.bind(fd, $0, $1) }) == 0 { return true }
    guard errno == EADDRINUSE else { throw SystemError("listen on \(path)", errno: errno) }
    return false
  }

  /// False: errno says why.
  func connect(_ fd: Int32) -> Bool { withRaw { Glibc.connect(fd, $0, $1) } == 0 }

  private func withRaw(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    withUnsafePointer(to: raw) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
