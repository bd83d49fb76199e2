// SPDX-License-Identifier: Apache-2.0

/// How many messages may be sent: a rate, and a number at once.
///
/// It is a bucket of tokens. Records that go first may take all of them, the others only the upper half.
/// Once a message has found no token, those of its rank are left out until there are enough again, so
/// that one NS_LOST stands for many.
package struct MessageRate: Sendable {
  /// Which messages go first.
  package enum Rank: Sendable {
    case first, other
  }

  /// Which messages are left out.
  private enum Closed {
    case none, others, all
  }

  /// The most messages at once: half of the kernel's smallest backlog, which is 64.
  package static let burstMax = 32

  /// The most messages at once.
  package let burst: Int
  /// The nanoseconds in which one token comes.
  private let interval: Int64
  /// The tokens, each worth `interval`.
  private var credit: Int64
  private var counted: ContinuousClock.Instant
  private var closed = Closed.none

  /// - Parameter perSecond: 1 or more.
  package init(perSecond: Int, at now: ContinuousClock.Instant) {
    interval = 1_000_000_000 / Int64(perSecond)
    burst = min(max(perSecond, 2), Self.burstMax)
    credit = Int64(burst) * interval
    counted = now
  }

  private var full: Int64 { Int64(burst) * interval }
  /// The tokens that are kept for the records that go first.
  private var kept: Int64 { Int64(burst / 2) * interval }

  /// Takes a token for a message.
  /// - Returns: false: the message is left out.
  package mutating func take(_ rank: Rank, at now: ContinuousClock.Instant) -> Bool {
    refill(at: now)
    if isClosed(for: rank) { return false }
    guard credit - interval >= (rank == .first ? 0 : kept) else {
      closed = rank == .first ? .all : .others
      return false
    }
    credit -= interval
    return true
  }

  private func isClosed(for rank: Rank) -> Bool {
    switch closed {
    case .none: false
    case .others: rank == .other
    case .all: true
    }
  }

  /// Takes those again for which there are enough tokens, and a token for the NS_LOST that says so.
  /// - Returns: whether there are any.
  package mutating func reopen(at now: ContinuousClock.Instant) -> Bool {
    refill(at: now)
    guard let awaited, credit >= awaited else { return false }
    closed = closed == .all ? .others : .none
    credit -= interval
    return true
  }

  /// The tokens with which those that are left out are taken again; nil: none are left out.
  private var awaited: Int64? {
    switch closed {
    case .none: nil
    case .others: full
    case .all: kept
    }
  }

  /// When `reopen` will do it; nil: nothing is left out.
  package var due: ContinuousClock.Instant? {
    awaited.map { counted + .nanoseconds(max(0, $0 - credit)) }
  }

  private mutating func refill(at now: ContinuousClock.Instant) {
    let passed = (now - counted).nanoseconds(atMost: full)
    credit = min(credit + max(0, passed), full)
    counted = max(counted, now)
  }
}

extension Duration {
  /// Whole nanoseconds. A longer time counts as `limit`.
  fileprivate func nanoseconds(atMost limit: Int64) -> Int64 {
    if self >= .nanoseconds(limit) { return limit }
    return components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
  }
}
