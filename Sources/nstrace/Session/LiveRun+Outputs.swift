// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace
internal import NSTraceLive

/// Outputs that fail, each by itself.
extension LiveRun {
  private var printsRecords: Bool { plan.output.format != .none }

  /// Whether the log or the recording works, or may work again.
  private var hasOtherOutput: Bool {
    pipeline.sink.logState?.isDead == false || recording?.works == true
      || pipeline.sink.routes != nil || sends
  }

  /// Whether records still go into the kernel's audit trail.
  private var sends: Bool { sender.map { $0.descriptor >= 0 } ?? false }

  /// Whether no output is left of those that were asked for.
  private var hasNothingLeft: Bool {
    let isAsked = printsRecords || plan.output.log != nil || recording != nil || sender != nil
    return isAsked && !(printsRecords && !isUnread) && !hasOtherOutput
  }

  /// Whether an output takes records now. Without any output it is enough that the loop runs.
  var hasWorkingOutput: Bool {
    if printsRecords && pipeline.sink.main.state.works { return true }
    if pipeline.sink.logState?.works == true || recording?.works == true { return true }
    if pipeline.sink.messagesState?.works == true { return true }
    return !printsRecords && plan.output.log == nil && recording == nil && sender == nil
  }

  /// The events, of which none counts as written while an output has records that it may still write.
  var writtenEvents: WrittenEvents {
    let states = [pipeline.sink.main.state, pipeline.sink.logState, recording?.state]
    let owes = states.contains { $0.map { $0.awaited != nil || $0.isFailing } ?? false }
    var events = pipeline.tracer.tracker.sink.events
    if owes || owesMessages { events.written = -1 }
    return events
  }

  /// The reader of standard output has gone.
  mutating func loseReader() {
    if printsRecords {
      pipeline.sink.main.close(SystemError("write to standard output", errno: EPIPE))
      noticeFailures()
    } else if hasOtherOutput && recording?.isStandardOutput != true {
      isUnread = true
    } else {
      stop()
    }
  }

  /// Says which outputs fail or work again, and ends the run if none is left.
  mutating func noticeFailures() {
    noticeMain()
    noticeLog()
    for notice in pipeline.sink.routes?.takeNotices() ?? [] { OutputWatch.say(notice) }
    noticeSender()
    recording?.say(isOver: isStopping)
    if hasNothingLeft && !isStopping {
      if sender != nil { Diagnostics.fail("no output is left: the run ends") }
      hasFailed = true
      stop()
    }
  }

  /// A closed standard output ends a run that has no other output.
  private mutating func noticeMain() {
    let main = pipeline.sink.main.state
    guard main.isClosed else { return mainWatch.look(at: "standard output", main) }
    guard !isUnread, let failure = main.failure else { return }
    isUnread = true
    guard hasOtherOutput else { return stop() }
    if !isStopping { Diagnostics.warn("\(failure): the run goes on without it") }
  }

  private mutating func noticeLog() {
    guard let state = pipeline.sink.logState, let log = plan.output.log else { return }
    logWatch.look(at: log, state)
    if let failure = pipeline.sink.log?.takeRotationFailure() {
      Diagnostics.warn("\(failure): \(log) grows on")
    }
    guard state.endsRun, !isStopping else { return }
    hasFailed = true
    stop()
  }

  /// Says what the log lacks at its end.
  mutating func endLog() {
    guard let failure = pipeline.sink.logState?.failure else { return }
    Diagnostics.fail("\(failure): the log ends here")
    hasFailed = true
  }
}
