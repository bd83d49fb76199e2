// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// CLOCK_REALTIME.
enum WallClock {
  /// Nanoseconds since the epoch.
  static var nowNs: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }
}
