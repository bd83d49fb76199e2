// SPDX-License-Identifier: Apache-2.0

/// When a walk is due that mends what a process can cause on purpose, again and again: walks for it keep
/// a distance.
struct WalkPace {
  private var mustWalk = false
  private var beganNs: UInt64 = 0
  private var endedNs: UInt64 = 0
  private var tookNs: UInt64 = 0

  /// The least distance between the end of one walk and a walk for this: this, or `distanceFactor`
  /// times what the last walk took, whichever is longer.
  static let distanceNs: UInt64 = 10_000_000_000
  static let distanceFactor: UInt64 = 50

  /// Whether there is something that no walk has mended.
  var isWaiting: Bool { mustWalk }

  /// A walk is to mend what is reported now.
  mutating func request() { mustWalk = true }

  func isDue(at now: UInt64) -> Bool {
    mustWalk && now &- endedNs >= max(Self.distanceNs, tookNs &* Self.distanceFactor)
  }

  mutating func walkBegins(at now: UInt64) {
    beganNs = now
    mustWalk = false
  }

  mutating func walkEnds(at now: UInt64) {
    endedNs = now
    tookNs = now &- beganNs
  }
}
