// SPDX-License-Identifier: Apache-2.0

/// The truth in the kernel at the time of a record.
struct ModelTruth: Hashable {
  /// The namespaces of the record's task, as objects.
  var place = ModelPlace()
  /// The namespaces that the task entered since its report before.
  var entries: [ModelTask.Entry] = []
  /// The users of each namespace.
  var users: [TaskMask]
  var everUsed: [TaskMask]
  /// Of these, the tasks that setns has brought there, unreported so far.
  var entrants: [TaskMask]
  /// All tasks that have come there, unreported so far.
  var unreported: [TaskMask]
  /// The tasks that a compat call has brought there, unreported so far.
  var silent: [TaskMask]
  /// The tasks whose birth is not reported yet.
  var unborn: TaskMask
  /// The tasks that have made compat calls without a record.
  var everSilent: TaskMask
  var gaps: [Int]
  /// The tasks with PF_EXITING, which walks skip.
  var exiting: TaskMask
  /// The number of each task's container.
  var containers: [Int]
  /// Whether records are missing; true until a walk has ended.
  var isMissing: Bool
  /// Whether everything that has happened is reported.
  var isQuiet: Bool
}
