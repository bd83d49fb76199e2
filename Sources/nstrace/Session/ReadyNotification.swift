// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// sd_notify(3): tells a service manager that listens on $NOTIFY_SOCKET that nstrace is ready.
enum ReadyNotification {
  static func send() {
    guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), !path.isEmpty else {
      return
    }
    do throws(SystemError) {
      try UnixAddress(notifySocket: path).send("READY=1")
    } catch {
      Diagnostics.warn("\(error): the service manager is not told that nstrace is ready")
    }
  }
}
