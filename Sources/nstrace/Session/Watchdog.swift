// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// Tells the service manager, twice in the interval of its watchdog, that the run works:
/// sd_watchdog_enabled(3).
struct Watchdog: ~Copyable {
  private let socket: Int32
  private let interval: Duration
  /// When the next message is due.
  private(set) var next = ContinuousClock.now

  /// Connects to $NOTIFY_SOCKET, which the sandbox would forbid; nil: no watchdog waits for this process.
  init?() {
    guard let interval = Self.interval, let path = Self.variable("NOTIFY_SOCKET"),
      let address = try? UnixAddress(notifySocket: path),
      let socket = try? address.socket(SOCK_DGRAM)
    else { return nil }
    guard address.connect(socket) else {
      close(socket)
      return nil
    }
    (self.socket, self.interval) = (socket, interval)
  }

  deinit { close(socket) }

  /// Sends the message if it is due.
  /// - Parameter works: whether there is something to say it for.
  mutating func step(works: Bool) {
    let now = ContinuousClock.now
    guard now >= next else { return }
    next = now + interval / 2
    guard works else { return }
    let message: StaticString = "WATCHDOG=1"
    send(socket, message.utf8Start, message.utf8CodeUnitCount, Int32(MSG_DONTWAIT))
  }

  /// $WATCHDOG_USEC, if it is meant for this process.
  private static var interval: Duration? {
    guard let text = variable("WATCHDOG_USEC"), let microseconds = Int64(text), microseconds > 1,
      variable("WATCHDOG_PID").map({ $0 == "\(getpid())" }) ?? true
    else { return nil }
    return .microseconds(microseconds)
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
