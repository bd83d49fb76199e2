// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// All worlds on one tier of kernels, as far as the time allows.
struct Exploration {
  private let tier: KernelTier
  private let traced: () -> any Traced
  private(set) var findings = Findings()

  /// - Parameter minutes: the time; nil: the first worlds whole, and some schedules of all others.
  init(_ tier: KernelTier, minutes: Double?, _ traced: @escaping () -> any Traced) {
    (self.tier, self.traced) = (tier, traced)
    if let minutes { explore(.seconds(minutes * 60)) } else { look() }
  }

  /// The shortest story of each kind of violation.
  var stories: [[String]] {
    Violation.Kind.allCases.compactMap { kind in
      findings.examples[kind].map { Story($0, traced).lines }
    }
  }

  var summary: String { "\(tier.name): \(findings.summary)" }
}

// MARK: - How much

extension Exploration {
  private static let waysThroughEach = 6
  private static let randomWorlds: UInt64 = 20
  private static let callsOfOne = 26

  /// Takes the time, in seconds.
  private mutating func look() {
    let worlds = ExplorerWorlds(tier: tier)
    for world in worlds.first { explore(world, until: nil) }
    var random = RandomStream(seed: 1)
    for world in worlds.all {
      for _ in 0..<Self.waysThroughEach { roam(world, &random) }
    }
    for seed in 1...Self.randomWorlds { roamRandomWorld(seed) }
  }

  /// Two thirds of the time are for the small worlds, shared by those that are left. The rest is
  /// for random worlds.
  private mutating func explore(_ time: Duration) {
    let start = ContinuousClock.now
    let worlds = ExplorerWorlds(tier: tier).all
    for (index, world) in worlds.enumerated() {
      let left = start + time * 2 / 3 - ContinuousClock.now
      explore(world, until: ContinuousClock.now + max(left, .zero) * 2 / (worlds.count - index + 1))
    }
    var seed: UInt64 = 0
    repeat {
      seed += 1
      roamRandomWorld(seed)
    } while ContinuousClock.now < start + time
  }

  private mutating func explore(_ world: ModelWorld, until deadline: ContinuousClock.Instant?) {
    let explorer = Explorer(world, deadline: deadline, traced)
    explorer.explore()
    findings.add(explorer.findings)
  }

  private mutating func roam(_ world: ModelWorld, _ random: inout RandomStream) {
    var play = Play(world, traced())
    play.roam(&random)
    findings.add(play)
  }

  private mutating func roamRandomWorld(_ seed: UInt64) {
    var worlds = RandomWorlds(seed: seed, tier)
    let world = worlds.world(seed, calls: Self.callsOfOne)
    var random = RandomStream(seed: seed)
    roam(world, &random)
    findings.randomWorlds += 1
  }
}
