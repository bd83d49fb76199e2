// SPDX-License-Identifier: Apache-2.0

internal import NSTrace
internal import NSTraceLive

/// The container sessions that outlive the run.
extension LiveRun {
  /// The keeper that takes them; nil: none, or another tracer writes it.
  private var keeperOfSessions: Keeper? {
    pipeline.source.keeper.flatMap { $0.registers ? $0 : nil }
  }

  /// Has the keeper know which numbers have been given by now.
  mutating func settleSessions() {
    guard let sessionNumbers else { return }
    sessionNumbers.settle(
      at: pipeline.state.lastSession, heldBytes: pipeline.tracer.heldBytes,
      unfound: pipeline.isFollowing ? 0 : pipeline.state.taskCount)
    noticeKeeper()
  }

  /// When the keeper is to be given what has changed; nil: nothing has.
  var sessionsDue: ContinuousClock.Instant? {
    if keeperOfSessions == nil { return nil }
    return sessionKeeping.due(for: pipeline.state, isSure: isSure)
  }

  /// Has the keeper know the sessions, at a rest, once a second at most.
  mutating func keepSessions() {
    if let due = sessionsDue, ContinuousClock.now >= due { writeSessions() }
  }

  /// The same at the end of the run.
  mutating func finishSessions() {
    if sessionsDue != nil { writeSessions() }
    settleSessions()
  }

  /// Where records are missing, a session may only seem to have ended.
  private var isSure: Bool {
    !pipeline.tracer.tracker.isUnsure && !pipeline.tracer.isWaiting
  }

  private mutating func writeSessions() {
    guard let keeper = keeperOfSessions else { return }
    do throws(SystemError) {
      // The end of the run writes all records.
      let events = isStopping ? .all : writtenEvents
      try sessionKeeping.write(pipeline.state.sessionsInUse, isSure: isSure, events, to: keeper)
    } catch {
      if hasWarnedOfSessions { return }
      hasWarnedOfSessions = true
      Diagnostics.warn("\(error): some container sessions end with this tracer")
    }
  }
}
