// SPDX-License-Identifier: Apache-2.0

/// What is known to be told wrong, and why nothing in the stream shows it. Each is recognised by its
/// own marks, and counted; whatever else is wrong is a violation.
enum Remainder: String, CaseIterable {
  /// On any tier: setns has brought Q into a namespace, all others leave it, and Q's report comes last.
  /// At that time no record and no walk shows that anybody else was there: their leaving is told as
  /// its end, and Q's entering as a creation with op=setns.
  case leftBeforeEntranceWasReported = "left by all others before an entrance was reported"
  /// On any tier: the last user has left, unreported as yet, and somebody enters it again, which is
  /// reported first. No record shows the moment between, and nothing is told of it.
  case gapUnseen = "entered again before the last one's leaving was reported"
  /// On any tier: those who are in there are in the middle of their exit, and not reported as such yet.
  case passedOverByWalks = "only tasks that exit were in there, which walks pass over"
  /// On any tier: between a loss and the end of the walk that mends it nothing is held back, for the
  /// report that would explain it may be the one that is missing.
  case whileRecordsAreMissing = "entered while records are missing"
  /// On any tier: a walk, of the start or after a loss, has seen somebody in a namespace whose maker
  /// reports only afterwards. What the walk sees is told (or is where all begins), and then the making.
  case seenBeforeItsMaker = "seen by a walk before its maker's report"
  /// On any tier: reports stood behind one that was held back, and the one that explained it was put in
  /// front of them. It has left what an entrance among them came into, or what another of them leaves; or
  /// has made, without ns_id, what has by now the number that one of them names.
  case entranceHeldBack = "a report overtook those that were held back"
  /// Without ns_id and without FREED: the number was freed and given on while one who left the one
  /// namespace, or one who made or entered the other, was not reported. An entrance into the one looks
  /// as one into the other.
  case numberGivenOn = "a number was given on before those who left were reported"
  /// By tracepoints: nobody else is in there but tasks that a compat call has brought there. Until they
  /// fork, exec or exit nothing is reported of it.
  case compatUnreported = "only compat calls had brought others there"
  /// By tracepoints without ns_id: nothing is known of a compat call until the task forks, execs or
  /// exits, and by then its number may have been given on.
  case compatNumberGivenOn = "a compat call, and its number given on"
}
