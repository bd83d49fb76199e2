// SPDX-License-Identifier: Apache-2.0

/// When a walk is due that mends what a process can cause on purpose, again and again: walks for it keep
/// a distance.
struct WalkPace {
  /// The least distance between the end of one walk and a walk for this: nanoseconds.
  let distanceNs: UInt64
  /// The same, as a multiple of what the last walk took. The longer of both holds.
  let distanceFactor: UInt64
  private var mustWalk = false
  private(set) var beganNs: UInt64 = 0
  private var endedNs: UInt64 = 0
  private var tookNs: UInt64 = 0

  init(distanceNs: UInt64 = 10_000_000_000, distanceFactor: UInt64 = 50) {
    self.distanceNs = distanceNs
    self.distanceFactor = distanceFactor
  }

  /// Whether there is something that no walk has mended.
  var isWaiting: Bool { mustWalk }

  /// A walk is to mend what is reported now.
  mutating func request() { mustWalk = true }

  func isDue(at now: UInt64) -> Bool { mustWalk && isFarEnough(at: now) }

  /// Whether the last walk ended long enough ago.
  func isFarEnough(at now: UInt64) -> Bool {
    now &- endedNs >= max(distanceNs, tookNs.saturatingMultiply(distanceFactor))
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

extension UInt64 {
  fileprivate func saturatingMultiply(_ factor: UInt64) -> UInt64 {
    let (product, overflows) = multipliedReportingOverflow(by: factor)
    return overflows ? .max : product
  }
}
