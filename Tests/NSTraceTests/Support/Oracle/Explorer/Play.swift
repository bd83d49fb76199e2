// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// A world in which one step after the other is taken, and a tracer that reads along.
struct Play {
  private(set) var model: KernelModel
  let run: TracedRun
  private(set) var taken: Schedule = []
  /// How long the stream was before the first step, and after each.
  let start: Int
  private(set) var lengths: [Int] = []

  /// - Parameter isTold: lines are written down that tell of each step.
  init(_ world: ModelWorld, _ traced: any Traced, isTold: Bool = false) {
    model = KernelModel(world)
    model.isTold = isTold
    start = model.stream.count
    run = TracedRun(traced)
    run.feed(model.stream[...])
  }

  /// Who can take a step.
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

  /// Takes the steps of a schedule that can be taken, and then whatever can be until nothing can.
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

  /// Whoever comes, until nothing can be done.
  mutating func roam(_ random: inout RandomStream) {
    var next = next
    while !next.isEmpty {
      step(random.pick(next))
      next = self.next
    }
  }

  /// The stream is over.
  func judge() -> TruthJudge {
    run.finish()
    return TruthJudge(model, run, isOver: true)
  }

  /// After how many steps so many records had been given to the tracer.
  func steps(to position: Int) -> Int {
    (lengths.firstIndex { $0 >= position } ?? lengths.count - 1) + 1
  }
}
