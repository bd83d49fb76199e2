// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// Sends READY=1 to the service manager that listens on $NOTIFY_SOCKET, as sd_notify(3) does.
enum ReadyNotification {
  static func send() {
    guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), !path.isEmpty else {
      return
    }
    do throws(SystemError) {
      try UnixAddress(notifySocket: path).send("READY=1")
    } catch {
      Diagnostics.warn("\(error): the service manager does not know that nstrace is ready")
    }
  }
}
