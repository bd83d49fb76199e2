// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// Runs every interleaving of a world's steps, each state once, and judges each end.
final class Explorer {
  /// How many interleavings lead from a state to ends, and to ends with a violation.
  fileprivate struct Count {
    var all = 0.0
    var wrong: [Violation.Kind: Double] = [:]
    var remainders: [Remainder: Double] = [:]
  }

  let world: ModelWorld
  /// The most states that are visited.
  private let limit: Int
  private let deadline: ContinuousClock.Instant?
  private let traced: () -> any Traced
  private var counts: [Int: Count] = [:]
  private var questions: [Int: [NamespaceID]] = [:]
  private var path: Schedule = []
  /// The length of the stream before each step of the path.
  private var lengths: [Int] = []
  private(set) var findings = Findings()

  /// - Parameter traced: makes the tracer that is judged, for one stream.
  init(
    _ world: ModelWorld, limit: Int = .max, deadline: ContinuousClock.Instant? = nil,
    _ traced: @escaping () -> any Traced = { TracedTracer() }
  ) {
    (self.world, self.limit, self.deadline, self.traced) = (world, limit, deadline, traced)
  }

  func explore() {
    let count = explore(KernelModel(world))
    findings.interleavings = count.all
    findings.wrong = count.wrong
    findings.remainders = count.remainders
    findings.states = counts.count
  }

  private var isCut: Bool {
    if counts.count >= limit { return true }
    guard let deadline, counts.count % 256 == 0 else { return false }
    return ContinuousClock.now > deadline
  }

  private func explore(_ model: KernelModel) -> Count {
    let fingerprint = model.fingerprint
    if let count = counts[fingerprint] { return count }
    if findings.isCut { return Count() }
    if isCut {
      findings.isCut = true
      return Count()
    }
    let asked = questions(of: model)
    var count = Count()
    var isEnd = true
    for actor in Self.actors(of: model) where model.canStep(actor, asked: asked) {
      isEnd = false
      var next = model
      next.step(actor, asked: asked)
      path.append(actor)
      lengths.append(model.stream.count)
      count.add(explore(next))
      path.removeLast()
      lengths.removeLast()
    }
    if isEnd { count = judge(model) }
    counts[fingerprint] = count
    return count
  }

  static func actors(of model: KernelModel) -> Schedule {
    model.tasks.indices.map { .task($0) } + [.source]
  }

  /// The namespaces that the tracer asks about after this stream.
  private func questions(of model: KernelModel) -> [NamespaceID] {
    if let asked = questions[model.streamHash] { return asked }
    let run = TracedRun(traced())
    run.feed(model.stream[...])
    let asked = run.waiting
    questions[model.streamHash] = asked
    return asked
  }

  private func judge(_ model: KernelModel) -> Count {
    let run = TracedRun(traced())
    run.feed(model.stream[...])
    run.finish()
    let judge = TruthJudge(model, run, isOver: true)
    findings.ends += 1
    var count = Count(all: 1)
    for remainder in judge.remainders.keys { count.remainders[remainder] = 1 }
    for violation in judge.violations where count.wrong[violation.kind] == nil {
      count.wrong[violation.kind] = 1
      let steps = lengths.lastIndex { $0 < violation.position }.map { $0 + 1 } ?? path.count
      findings.note(violation, world, Array(path.prefix(max(steps, 1))), steps)
    }
    return count
  }
}

extension Explorer.Count {
  fileprivate mutating func add(_ other: Self) {
    all += other.all
    wrong.merge(other.wrong, uniquingKeysWith: +)
    remainders.merge(other.remainders, uniquingKeysWith: +)
  }
}
