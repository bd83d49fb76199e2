// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// What a reader took: the processor time of this thread, in nanoseconds, and the bytes that malloc
/// gave and that are still in use.
struct Cost {
  var ns: Int
  var bytes: Int

  /// All that was taken until now. The time is no wall clock's: other processes do not count.
  static var soFar: Cost {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    let memory = mallinfo2()
    return Cost(
      ns: time.tv_sec * 1_000_000_000 + time.tv_nsec,
      bytes: Int(memory.uordblks + memory.hblkhd))
  }

  /// Takes the lower time and the lower memory of both.
  mutating func lower(to other: Cost) {
    self = Cost(ns: min(ns, other.ns), bytes: min(bytes, other.bytes))
  }

  static func - (a: Cost, b: Cost) -> Cost { Cost(ns: a.ns - b.ns, bytes: a.bytes - b.bytes) }
}
