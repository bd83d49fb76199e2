// SPDX-License-Identifier: Apache-2.0

/// Known errors of the records that nothing in the stream shows. Each is recognised by marks of its
/// own, and counted. Any other error is a violation.
enum Remainder: String, CaseIterable {
  /// On any tier. setns has brought Q into a namespace, all others leave it, and Q's report comes
  /// last. No record and no walk shows at that time that another task was there. The others'
  /// leaving is recorded as the namespace's end, and Q's entry as a creation with op=setns.
  case leftBeforeEntranceWasReported = "left by all others before an entrance was reported"
  /// On any tier. The last user has left, unreported so far. Another task enters the namespace and
  /// reports first. No record shows the moment between.
  case gapUnseen = "entered again before the last one's leaving was reported"
  /// On any tier. The tasks in there are in the middle of their exit, which is not reported yet.
  case passedOverByWalks = "only tasks that exit were in there, which walks pass over"
  /// On any tier. Nothing is held between a loss and the end of the walk that mends it, because the
  /// report that would explain may be the lost one.
  case whileRecordsAreMissing = "entered while records are missing"
  /// On any tier. A walk, of the start or after a loss, has seen a task in a namespace whose maker
  /// reports only afterwards. The walk's finding is recorded or is in the first snapshot; the
  /// making is recorded after that.
  case seenBeforeItsMaker = "seen by a walk before its maker's report"
  /// On any tier. Reports were behind a held one, and the report that explained it was put in front
  /// of them. Its task has left a namespace that one of them entered, or one that another of them
  /// leaves. Or it has made, without ns_id, a namespace with a number that one of them names.
  case entranceHeldBack = "a report overtook those that were held back"
  /// Without ns_id and without FREED. The number was freed and given again while a task that left
  /// the one namespace, or one that made or entered the other, was unreported. An entry into the
  /// one looks like an entry into the other.
  case numberGivenOn = "a number was given on before those who left were reported"
  /// By tracepoints. The only other tasks in there were brought by compat calls, which are not
  /// reported before a fork, exec or exit.
  case compatUnreported = "only compat calls had brought others there"
  /// By tracepoints without ns_id. A compat call is not known before the task forks, execs or
  /// exits. Its number may have been given again by then.
  case compatNumberGivenOn = "a compat call, and its number given on"
}
