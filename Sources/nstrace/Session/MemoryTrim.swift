// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// When memory is given back to the system after much work. The allocator keeps it otherwise: after a
/// flood of `unshare` calls 5 MB of 35, for as long as the program runs.
struct MemoryTrim {
  /// When it is due; nil: too little was done since the last time.
  private(set) var due: ContinuousClock.Instant?
  /// The number of records when it was last done.
  private var records: UInt64 = 0

  private static let recordsMin: UInt64 = 1_000
  /// A call takes a millisecond or so.
  private static let delay = Duration.seconds(10)

  /// Looks at the work.
  /// - Parameter records: the number of the stream's records so far. Most of a fork storm's make no event.
  /// - Returns: whether it is time.
  mutating func isDue(records: UInt64) -> Bool {
    if due == nil, records - self.records >= Self.recordsMin { due = .now + Self.delay }
    guard let due, ContinuousClock.now >= due else { return false }
    self.records = records
    self.due = nil
    return true
  }

  /// Gives back what is free.
  func trim() { malloc_trim(0) }
}
