// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// Gives memory back to the system after much work. The allocator keeps it otherwise: after a flood
/// of `unshare` calls 5 MB of 35, for as long as the program runs.
struct MemoryTrim {
  /// When it is due; nil: too little was done since the last time.
  private(set) var due: ContinuousClock.Instant?
  /// The number of events when it was last done.
  private var events: UInt64 = 0

  private static let eventsMin: UInt64 = 10_000
  /// A call takes a millisecond or so.
  private static let delay = Duration.seconds(10)

  /// Looks at the work, and trims if it is time.
  /// - Parameter events: the number of events so far.
  mutating func step(events: UInt64) {
    if due == nil, events - self.events >= Self.eventsMin { due = .now + Self.delay }
    guard let due, ContinuousClock.now >= due else { return }
    malloc_trim(0)
    self.events = events
    self.due = nil
  }
}
