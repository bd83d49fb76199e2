// SPDX-License-Identifier: Apache-2.0

/// How things stood in the kernel when a record was made.
struct ModelTruth: Hashable {
  /// Where the task of the record was, as objects.
  var place = ModelPlace()
  /// What it had come into since its report before.
  var entries: [ModelTask.Entry] = []
  /// By namespace.
  var users: [TaskMask]
  var everUsed: [TaskMask]
  /// Of these the tasks that setns has brought there, unreported as yet.
  var entrants: [TaskMask]
  /// All that have come there, unreported as yet.
  var unreported: [TaskMask]
  /// Those whom a compat call has brought there, unreported as yet.
  var silent: [TaskMask]
  /// Those whose birth is not reported yet.
  var unborn: TaskMask
  /// Those that have made compat calls which nobody reported.
  var everSilent: TaskMask
  var gaps: [Int]
  /// PF_EXITING: walks pass them over already.
  var exiting: TaskMask
  /// By task.
  var containers: [Int]
  /// Records are missing, until a walk has ended.
  var isMissing: Bool
  /// Everything that has happened is reported.
  var isQuiet: Bool
}
