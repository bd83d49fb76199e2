// SPDX-License-Identifier: Apache-2.0

/// Counts the clients that were closed for others, and says when to tell: at once, then once a minute.
struct ControlCrowd {
  var closed = 0
  private var next: ContinuousClock.Instant?

  private static let interval = Duration.seconds(60)

  /// How many were closed since this was last told; nil: there is nothing to tell yet.
  /// - Parameter isLast: there is no later time to tell it.
  mutating func take(at now: ContinuousClock.Instant, isLast: Bool = false) -> Int? {
    guard closed > 0, isLast || next.map({ $0 <= now }) ?? true else { return nil }
    defer { closed = 0 }
    next = now + Self.interval
    return closed
  }
}
