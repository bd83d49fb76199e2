// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace

/// A client of a tracer's control socket that may break its rules.
struct ControlPeer: ~Copyable {
  private let fd: Int32

  init(_ path: String) throws {
    let fd = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(fd, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      let error = errno
      close(fd)
      throw SystemError("connect to \(path)", errno: error)
    }
    self.fd = fd
  }

  deinit { close(fd) }

  /// Gives the descriptor to the caller, which has to close it.
  consuming func release() -> Int32 {
    let fd = fd
    discard self
    return fd
  }

  /// Sends until the tracer closes, or takes nothing for a second.
  /// - Returns: the number of bytes sent.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Int {
    var sent = 0
    while sent < bytes.count {
      let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(fd, $0.baseAddress, $0.count, flags)
      }
      if count > 0 {
        sent += count
        continue
      }
      var wait = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
      guard errno == EAGAIN, poll(&wait, 1, 1000) == 1 else { break }
    }
    return sent
  }

  /// Receives until the tracer closes; nil at the deadline.
  func receiveAll(seconds: Int32 = 10) -> String? {
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      var wait = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, seconds * 1000) == 1 else { return nil }
      let count = recv(fd, &piece, piece.count, 0)
      // A peer that closes with unread bytes resets the connection.
      guard count > 0 else { return String(decoding: text, as: UTF8.self) }
      text += piece[..<count]
    }
  }
}
