// SPDX-License-Identifier: Apache-2.0

@testable import NSTraceLive

/// A few tasks and what each of them does, on one kind of kernel.
struct ModelWorld {
  enum Start: Hashable {
    /// The tracer follows before anything happens.
    case before
    /// It attaches and walks while tasks are in the middle of calls.
    case meanwhile
  }

  /// A report that finds no room in the ring, or whose program the kernel skips.
  struct Loss: Hashable {
    var task: TaskName
    /// Which call of its program.
    var call: Int
  }

  var name: String
  var tier: KernelTier
  /// By task. Children are those that a fork or clone of another names.
  var programs: [TaskName: [ModelCall]]
  var start = Start.before
  var losses: [Loss] = []
  /// What is done one after the other, in whole calls, before the programs begin.
  var opening: [(task: TaskName, call: ModelCall)] = []
  /// Walks look at each task at a moment of its own.
  var walksByStep = true

  init(
    _ name: String, _ tier: KernelTier, _ programs: [TaskName: [ModelCall]],
    opening: [(task: TaskName, call: ModelCall)] = [], losses: [Loss] = [],
    start: Start = .before
  ) {
    (self.name, self.tier, self.programs) = (name, tier, programs)
    (self.opening, self.losses, self.start) = (opening, losses, start)
  }

  /// Those that another one makes.
  var children: Set<Int> {
    let calls = programs.values.flatMap { $0 } + opening.map(\.call)
    return Set(calls.compactMap { $0.child?.index })
  }

  /// All that take part, and the host's first task.
  var taskCount: Int {
    let named = programs.values.flatMap { $0 } + opening.map(\.call)
    let indices =
      programs.keys.map(\.index) + opening.map(\.task.index)
      + named.compactMap { $0.subject?.index }
    return (indices.max() ?? 0) + 1
  }

  func takesPart(_ task: Int) -> Bool {
    if task == 0 { return true }
    let named = programs.values.flatMap { $0 } + opening.map(\.call)
    return programs[TaskName(index: task)] != nil
      || opening.contains { $0.task.index == task }
      || named.contains { $0.subject?.index == task }
  }
}
