// SPDX-License-Identifier: Apache-2.0

/// The clocks that a `StreamPort` reads.
enum StreamClock: Sendable {
  /// CLOCK_BOOTTIME, the time of all records. It goes on during suspend.
  case boot
  /// CLOCK_REALTIME, which people and NTP step.
  case real
  /// CLOCK_THREAD_CPUTIME_ID.
  case processor
}
