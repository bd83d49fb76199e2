// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace
internal import NSTraceConformance

/// The signals of a live run: SIGINT and SIGTERM stop it, SIGHUP reopens the log, SIGWINCH resizes the table.
///
/// They are read from a signalfd, so no handler runs and no system call is interrupted.
struct StopSignals: ~Copyable {
  enum Request {
    /// SIGINT, which a terminal sends to all that run in its foreground.
    case interrupt
    case stop, reopenLog, resize
  }

  /// Polls readable while a signal is pending.
  let descriptor: Int32

  /// Blocks the signals. Ignores SIGPIPE and SIGXFSZ, so that write(2) fails with EPIPE and EFBIG.
  /// - Throws: `SystemError`.
  init() throws(SystemError) {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    descriptor = nst_signals_open()
    guard descriptor >= 0 else { throw SystemError("watch for signals", errno: errno) }
  }

  deinit { close(descriptor) }

  /// The next pending signal; nil if there is none.
  func next() -> Request? {
    switch nst_signals_take(descriptor) {
    case 0: nil
    case SIGINT: .interrupt
    case SIGHUP: .reopenLog
    case SIGWINCH: .resize
    default: .stop
    }
  }
}
