// SPDX-License-Identifier: Apache-2.0

/// What the records of one event of the kernel's audit share: `audit(S.MMM:N)`.
package struct LogStamp: Hashable, Sendable {
  /// CLOCK_REALTIME, milliseconds since the epoch.
  package var timeMs: Int64
  /// The kernel's number of the event.
  package var serial: UInt64

  init(_ stamp: KernelStamp) {
    timeMs = stamp.timeNs / 1_000_000
    serial = stamp.serial
  }

  /// CLOCK_REALTIME, nanoseconds since the epoch.
  package var timeNs: Int64 { timeMs * 1_000_000 }
}
