// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// Holds the state against the kernel's own word, again and again, between other things.
struct Verifier: CustomStringConvertible {
  enum Step {
    case waiting
    case walking
    /// The walk is over; no more than so much of what happened before its end is still to be read.
    case settling(bytesLeft: Int)
  }

  let interval: Duration
  var step = Step.waiting
  var verification = Verification()
  var batch = RecordBatch()
  /// When the next walk begins.
  var next: ContinuousClock.Instant
  /// What the last walk found, and the next has to confirm.
  var suspects: Set<TaskDifference> = []
  /// How often the state was verified.
  private(set) var times = 0
  /// Tasks of which it was wrong.
  private(set) var differences = 0

  init(every interval: Duration) {
    self.interval = interval
    next = .now + interval
  }

  /// Whether there is work to be done without waiting.
  var isBusy: Bool {
    if case .waiting = step { return false }
    return true
  }

  /// When there will be work.
  var due: ContinuousClock.Instant? { isBusy ? nil : next }

  /// Stops, and begins again at the next turn: the stream itself is being rebuilt.
  mutating func abandon() {
    suspects = []
    rest()
  }

  /// A task is in its new namespace some time before the system call that brought it there comes back
  /// and is told of: unshare(CLONE_NEWNS) has the old mounts taken down in between, which takes tens of
  /// milliseconds. So a suspicion is looked at again only after this.
  private static let doubt = Duration.seconds(1)

  private mutating func rest() {
    step = .waiting
    next = .now + (suspects.isEmpty ? interval : Self.doubt)
  }

  /// What both this walk, which is over, and the one before found.
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
    "verified \(times) times, \(differences) tasks were not where they are"
  }
}
