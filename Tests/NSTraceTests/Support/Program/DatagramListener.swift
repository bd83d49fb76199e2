// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace

/// The receiving end of $NOTIFY_SOCKET.
struct DatagramListener: ~Copyable {
  let address: String
  private let fd: Int32

  /// - Parameter address: a path, or a name in the abstract namespace behind a `@`.
  init(_ address: String) throws {
    self.address = address
    fd = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var bytes = Array(address.utf8)
    if address.hasPrefix("@") { bytes[0] = 0 }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let result = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(fd, $0, length) }
    }
    guard result == 0 else { throw SystemError("bind \(address)", errno: errno) }
  }

  deinit { close(fd) }

  /// The next message; nil at the deadline.
  func next(milliseconds: Int32 = Patience.milliseconds) -> String? {
    var wait = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
    guard poll(&wait, 1, milliseconds) == 1 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(fd, &bytes, bytes.count, 0)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }
}
