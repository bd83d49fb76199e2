// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace
internal import NSTraceConformance

/// SIGINT and SIGTERM ask for the end, SIGHUP for the log, if any, to be opened again, and SIGWINCH says
/// that the terminal is of another size: read from a descriptor, so that no handler runs and nothing is
/// interrupted.
struct StopSignals: ~Copyable {
  enum Request {
    case stop, reopenLog, resize
  }

  /// Readable, for poll(2), when a signal is there.
  let descriptor: Int32

  /// Blocks the signals for this process; a closed pipe is reported by write(2) instead of SIGPIPE.
  init() throws(SystemError) {
    signal(SIGPIPE, SIG_IGN)
    descriptor = nst_signals_open()
    guard descriptor >= 0 else { throw SystemError("watch for signals", errno: errno) }
  }

  deinit { close(descriptor) }

  /// The next signal, if one has come.
  func next() -> Request? {
    switch nst_signals_take(descriptor) {
    case 0: nil
    case SIGHUP: .reopenLog
    case SIGWINCH: .resize
    default: .stop
    }
  }
}
