// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Compares the state with the kernel's at intervals, in small steps between batches.
struct Verifier: CustomStringConvertible {
  enum Step {
    case waiting
    case walking
    /// The walk is over. At most `bytesLeft` of the ring are from before its end.
    case settling(bytesLeft: Int)
  }

  let interval: Duration
  var step = Step.waiting
  var verification = Verification()
  var batch = RecordBatch()
  /// When the next walk begins.
  var next: ContinuousClock.Instant
  /// The differences that the last walk found and the next has to confirm.
  var suspects: Set<TaskDifference> = []
  /// How many verifications have ended.
  private(set) var times = 0
  /// How many confirmed differences were found.
  private(set) var differences = 0

  init(every interval: Duration) {
    self.interval = interval
    next = .now + interval
  }

  /// Whether a verification is in progress, so that the run must not wait.
  var isBusy: Bool {
    if case .waiting = step { return false }
    return true
  }

  /// When the next verification begins; nil while one is in progress.
  var due: ContinuousClock.Instant? { isBusy ? nil : next }

  /// Gives up this verification. The next begins after the interval.
  mutating func abandon() {
    suspects = []
    rest()
  }

  /// When a difference is checked again. A task enters its new namespace before the system call returns
  /// and is reported: unshare(CLONE_NEWNS) first unmounts the old mounts, which takes tens of milliseconds.
  private static let doubt = Duration.seconds(1)

  private mutating func rest() {
    step = .waiting
    next = .now + (suspects.isEmpty ? interval : Self.doubt)
  }

  /// The differences that both the walk that has just ended and the one before it found, by tid.
  mutating func confirm(_ found: Set<TaskDifference>) -> [TaskDifference] {
    let confirmed = suspects.intersection(found).sorted { $0.tid < $1.tid }
    let isFirst = suspects.isEmpty && !found.isEmpty
    suspects = isFirst ? found : []
    if !isFirst { times += 1 }
    differences += confirmed.count
    rest()
    return confirmed
  }

  var description: String {
    "verified \(times) times, \(differences) tasks differed"
  }
}
