// SPDX-License-Identifier: Apache-2.0

/// What a stream shows about a clause.
public enum Verdict: Equatable, Sendable {
  /// On every one of so many occasions.
  case held(occasions: Int)
  /// By the audit events with these serials; where a record is missing, the one printed last.
  case broken(serials: [UInt64], because: String)
  /// The stream gives no occasion, or a dump can never give one.
  case notExercised(because: String)

  /// Of two judges of one clause: broken where one of them says so.
  func and(_ other: Verdict) -> Verdict {
    switch (self, other) {
    case (.broken, _): self
    case (_, .broken): other
    case (.held(let some), .held(let more)): .held(occasions: some + more)
    case (.held, .notExercised): self
    case (.notExercised, _): other
    }
  }

  /// The same stream in another spelling: as often as in the first, and broken where it is there.
  func or(brokenBy other: Verdict) -> Verdict { isBroken || !other.isBroken ? self : other }

  /// Found in JSON Lines.
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
