// SPDX-License-Identifier: Apache-2.0

internal import NSTrace
internal import NSTraceLive

/// Answers what processes belonged to at the times of audit events, for `nstrace audisp`.
extension LiveRun {
  /// Why a tracer does not answer.
  private static let joinsNoAudit = ControlReply.Refusal(
    name: "EOPNOTSUPP",
    message:
      "this tracer does not remember what processes belonged to: start it with --audit-joins")

  /// Whether it is remembered what processes that have ended belonged to.
  private var joinsAudit: Bool { plan.tracker.joinsAudit || pipeline.source.readsAudit }

  /// Answers by all that was reported before the question.
  mutating func answer(_ query: ControlAuditQuery, of call: ControlServer.Call) throws {
    guard joinsAudit else {
      control?.answer(call, ControlReply(Self.joinsNoAudit))
      return
    }
    try settle()
    var answers: [AnnotationAnswer] = []
    for (pid, timeNs) in zip(query.pids, query.times) { answers.append(answer(pid, timeNs)) }
    control?.answer(call, ControlAuditAnswer(answers))
  }

  private func answer(_ pid: UInt32, _ timeNs: Int64) -> AnnotationAnswer {
    let eventNs = pipeline.tracer.tracker.bootNs(ofRealtime: timeNs)
    guard let followedSinceNs, eventNs >= followedSinceNs else { return .outside }
    return AnnotationAnswer(pipeline.tracer.tracker.join(process: pid, stampedAt: eventNs))
  }
}
