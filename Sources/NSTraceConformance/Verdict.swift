// SPDX-License-Identifier: Apache-2.0

/// What a stream shows about a clause.
public enum Verdict: Equatable, Sendable {
  /// The clause held on each of the occasions.
  case held(occasions: Int)
  /// The audit events with these serials broke it; where a record is missing, the one printed last.
  case broken(serials: [UInt64], because: String)
  /// The stream has no occasion, or no dump can have one.
  case notExercised(because: String)

  /// The verdict of two judges of one clause: broken if either says so.
  func and(_ other: Verdict) -> Verdict {
    switch (self, other) {
    case (.broken, _): self
    case (_, .broken): other
    case (.held(let some), .held(let more)): .held(occasions: some + more)
    case (.held, .notExercised): self
    case (.notExercised, _): other
    }
  }

  /// The verdict on the same stream in another spelling: the first one's occasions, broken if
  /// either is.
  func or(brokenBy other: Verdict) -> Verdict { isBroken || !other.isBroken ? self : other }

  /// The verdict, marked as found in JSON Lines.
  var inJSON: Verdict {
    guard case .broken(let serials, let because) = self else { return self }
    return .broken(serials: serials, because: "in JSON, \(because)")
  }

  /// Whether the clause is broken.
  public var isBroken: Bool {
    if case .broken = self { true } else { false }
  }

  /// One word: held, broken or not exercised.
  public var name: StaticString {
    switch self {
    case .held: "held"
    case .broken: "broken"
    case .notExercised: "not exercised"
    }
  }
}
