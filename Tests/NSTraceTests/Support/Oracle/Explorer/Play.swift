// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// A world that is played step by step, with a tracer that reads along.
struct Play {
  private(set) var model: KernelModel
  let run: TracedRun
  private(set) var taken: Schedule = []
  /// The length of the stream before the first step.
  let start: Int
  private(set) var lengths: [Int] = []

  /// - Parameter isTold: whether each step is written down.
  init(_ world: ModelWorld, _ traced: any Traced, isTold: Bool = false) {
    model = KernelModel(world)
    model.isTold = isTold
    start = model.stream.count
    run = TracedRun(traced)
    run.feed(model.stream[...])
  }

  /// The actors that can take a step.
  var next: Schedule {
    let asked = run.waiting
    return Explorer.actors(of: model).filter { model.canStep($0, asked: asked) }
  }

  mutating func step(_ actor: ModelActor) {
    model.lines = []
    model.step(actor, asked: run.waiting)
    run.feed(model.stream[run.position...])
    taken.append(actor)
    lengths.append(model.stream.count)
  }

  /// Takes those steps of a schedule that can be taken, and then any step until none is left.
  mutating func follow(_ schedule: Schedule, _ each: (borrowing Play) -> Void = { _ in }) {
    for actor in schedule where model.canStep(actor, asked: run.waiting) {
      step(actor)
      each(self)
    }
    while let actor = next.first {
      step(actor)
      each(self)
    }
  }

  /// Takes random steps until none is left.
  mutating func roam(_ random: inout RandomStream) {
    var next = next
    while !next.isEmpty {
      step(random.pick(next))
      next = self.next
    }
  }

  /// Judges the stream at its end.
  func judge() -> TruthJudge {
    run.finish()
    return TruthJudge(model, run, isOver: true)
  }

  /// After how many steps the tracer had been given that many records.
  func steps(to position: Int) -> Int {
    (lengths.firstIndex { $0 >= position } ?? lengths.count - 1) + 1
  }
}
