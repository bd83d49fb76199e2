// SPDX-License-Identifier: Apache-2.0

/// A few tasks and the calls of each, on one tier of kernels.
struct ModelWorld {
  enum Start: Hashable {
    /// The tracer follows before the programs begin.
    case before
    /// The tracer attaches and walks while tasks are in the middle of calls.
    case meanwhile
  }

  /// A report that does not fit into the ring, or whose program the kernel skips.
  struct Loss: Hashable {
    var task: TaskName
    /// The index of the call in the task's program.
    var call: Int
  }

  var name: String
  var tier: KernelTier
  /// The calls of each task. A child is a task that another one's fork or clone names.
  var programs: [TaskName: [ModelCall]]
  var start = Start.before
  var losses: [Loss] = []
  /// Whole calls in turn, before the programs begin.
  var opening: [(task: TaskName, call: ModelCall)] = []
  /// Whether a walk looks at each task in a step of its own.
  var walksByStep = true

  init(
    _ name: String, _ tier: KernelTier, _ programs: [TaskName: [ModelCall]],
    opening: [(task: TaskName, call: ModelCall)] = [], losses: [Loss] = [],
    start: Start = .before
  ) {
    (self.name, self.tier, self.programs) = (name, tier, programs)
    (self.opening, self.losses, self.start) = (opening, losses, start)
  }

  /// The tasks that another one makes.
  var children: Set<Int> {
    let calls = programs.values.flatMap { $0 } + opening.map(\.call)
    return Set(calls.compactMap { $0.child?.index })
  }

  /// The number of tasks, with the host's first.
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
