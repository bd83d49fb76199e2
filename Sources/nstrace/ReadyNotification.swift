// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// sd_notify(3): tells a service manager that listens on $NOTIFY_SOCKET that nstrace is ready.
enum ReadyNotification {
  static func send() {
    guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), !path.isEmpty else {
      return
    }
    if !send("READY=1", to: path) {
      Diagnostics.warn("cannot tell $NOTIFY_SOCKET (\(path)) that nstrace is ready")
    }
  }

  private static func send(_ message: String, to path: String) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // A leading @ stands for the NUL of an abstract address, which has no NUL at its end.
    let name = path.hasPrefix("@") ? [0] + Array(path.utf8.dropFirst()) : Array(path.utf8)
    guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let fd = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard fd >= 0 else { return false }
    defer { close(fd) }
    let bytes = Array(message.utf8)
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    return withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        sendto(fd, bytes, bytes.count, 0, address, length) == bytes.count
      }
    }
  }
}
