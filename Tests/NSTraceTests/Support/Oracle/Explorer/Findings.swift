// SPDX-License-Identifier: Apache-2.0

/// The findings in one world, or in several.
struct Findings {
  /// The shortest schedule with a violation.
  struct Example {
    var world: ModelWorld
    var schedule: Schedule
    var steps: Int
    var violation: Violation
  }

  /// How many interleavings there are. Those that pass equal states are run once: `ends`.
  var interleavings = 0.0
  var states = 0
  var ends = 0
  /// Interleavings with a violation, by its kind.
  var wrong: [Violation.Kind: Double] = [:]
  var remainders: [Remainder: Double] = [:]
  var examples: [Violation.Kind: Example] = [:]
  /// Whether some interleavings were not run.
  var isCut = false
  var cutWorlds = 0
  var worlds = 0
  /// How many worlds of eight tasks were run, each once.
  var randomWorlds = 0

  mutating func note(
    _ violation: Violation, _ world: ModelWorld, _ schedule: Schedule, _ steps: Int
  ) {
    if let known = examples[violation.kind], known.steps <= steps { return }
    examples[violation.kind] = Example(
      world: world, schedule: schedule, steps: steps, violation: violation)
  }

  /// Adds one interleaving, played to its end.
  mutating func add(_ play: Play) {
    let judge = play.judge()
    interleavings += 1
    ends += 1
    for remainder in judge.remainders.keys { remainders[remainder, default: 0] += 1 }
    for kind in Set(judge.violations.map(\.kind)) { wrong[kind, default: 0] += 1 }
    for violation in judge.violations {
      let steps = play.steps(to: violation.position)
      note(violation, play.model.world, Array(play.taken.prefix(steps)), steps)
    }
  }

  mutating func add(_ other: Findings) {
    interleavings += other.interleavings
    states += other.states
    ends += other.ends
    worlds += 1
    if other.isCut { cutWorlds += 1 }
    wrong.merge(other.wrong, uniquingKeysWith: +)
    remainders.merge(other.remainders, uniquingKeysWith: +)
    for example in other.examples.values {
      note(example.violation, example.world, example.schedule, example.steps)
    }
  }

  var summary: String {
    let cut = cutWorlds > 0 ? " (\(cutWorlds) worlds not to their end)" : ""
    var lines = [
      "\(worlds) worlds\(cut): \(Self.text(interleavings)) interleavings, \(states) states, "
        + "\(ends) ends judged, \(randomWorlds) random worlds"
    ]
    for remainder in Remainder.allCases {
      if let count = remainders[remainder] {
        lines.append("  known: \(remainder.rawValue): \(Self.text(count)) interleavings")
      }
    }
    for kind in Violation.Kind.allCases {
      if let count = wrong[kind] {
        lines.append("  WRONG: \(kind.rawValue): \(Self.text(count)) interleavings")
      }
    }
    return lines.joined(separator: "\n")
  }

  static func text(_ count: Double) -> String {
    count < 1e12 ? "\(Int(count))" : "\(count)"
  }
}
