// SPDX-License-Identifier: Apache-2.0

@testable internal import NSTrace
@testable internal import NSTraceConformance

/// What reads a stream whose cost is measured, as a command does: a replay, the listings after one, a
/// comparison of all policies, or the judges of a position.
enum CostReader: CustomStringConvertible {
  case replay(UInt8), listings, comparison, judges(Position)

  init(_ choice: UInt8) {
    switch choice % 4 {
    case 0: self = .replay(choice)
    case 1: self = .listings
    case 2: self = .comparison
    default: self = .judges(Position.allCases[Int(choice >> 2) % Position.allCases.count])
    }
  }

  /// Ten times what the costliest honest stream takes in this instrumented build (CONTRIBUTING.md
  /// says how to measure that).
  var limitOfKiB: Cost {
    switch self {
    case .replay, .listings: Cost(ns: 80_000_000, bytes: 160 << 10)
    case .comparison: Cost(ns: 120_000_000, bytes: 900 << 10)
    case .judges: Cost(ns: 150_000_000, bytes: 330 << 10)
    }
  }

  /// What each tracker has for itself: indexes by tid (docs/bounds.md).
  var ownBytes: Int {
    if case .comparison = self { ContainerPolicies.all.count * 48 << 20 } else { 48 << 20 }
  }

  var description: String {
    switch self {
    case .replay(let choice): "replay \(choice)"
    case .listings: "listings"
    case .comparison: "comparison"
    case .judges(let position): "judges of \(position)"
    }
  }

  /// Reads a stream, and measures before its state goes.
  func cost(of stream: [RecordBatch]) -> Cost {
    let before = Cost.soFar
    switch self {
    case .replay(let choice): return Self.replay(stream, choice) - before
    case .listings: return Self.list(stream) - before
    case .comparison: return Self.compare(stream) - before
    case .judges(let position): return Self.judge(stream, position) - before
    }
  }

  private static func replay(_ stream: [RecordBatch], _ choice: UInt8) -> Cost {
    let policies = ContainerPolicies.all
    let isVirtual = choice & 0x80 != 0
    var tracer = Tracer(
      Tracker(
        sink: PinnedHold(CheckingSink(format: choice >> 2 & 3)),
        policy: policies[Int(choice >> 4 & 7) % policies.count],
        options: TrackerOptions(
          tellsLifecycle: isVirtual, containers: isVirtual ? .cgroup : .registered)))
    for batch in stream { _ = try? tracer.process(batch) }
    _ = try? tracer.release()
    return Cost.soFar
  }

  private static func list(_ stream: [RecordBatch]) -> Cost {
    var tracer = Tracer(Tracker(sink: CheckingSink(format: 3)))
    for batch in stream { _ = try? tracer.process(batch) }
    CheckingSink.check(tracer.tracker)
    return Cost.soFar
  }

  private static func compare(_ stream: [RecordBatch]) -> Cost {
    var comparison = PolicyComparison(of: ContainerPolicies.all)
    var order = EffectOrder()
    for batch in stream { _ = try? order.process(batch, into: &comparison) }
    _ = try? order.release(into: &comparison)
    var text = TextBuffer()
    comparison.writeTable(to: &text)
    defer { withExtendedLifetime(comparison) {} }
    return Cost.soFar
  }

  private static func judge(_ stream: [RecordBatch], _ position: Position) -> Cost {
    let trial = Trial(of: position)
    for batch in stream { _ = try? trial.process(batch) }
    _ = try? trial.release()
    _ = trial.verdicts
    defer { withExtendedLifetime(trial) {} }
    return Cost.soFar
  }
}
