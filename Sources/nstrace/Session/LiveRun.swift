// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace
internal import NSTraceConformance
internal import NSTraceLive

/// Follows the kernel until a signal comes or the reader of the output goes away.
struct LiveRun: ~Copyable {
  var pipeline: Pipeline<KernelSource, RecordOutputs>
  var control: ControlServer?
  private let recording: Recording?
  private let conformance: ConformanceRun?
  /// Opens and moves the log, and removes the control socket; nil: there is neither.
  let attendant: Attendant?
  private let signals: StopSignals
  private let plan: LivePlan
  private let privileges: PrivilegeOptions
  private var isAnnounced = false
  private var isStopping = false
  /// Compares the state with the kernel's; nil without `--verify`, and before following begins.
  var verifier: Verifier?
  private var deadline: ContinuousClock.Instant?
  /// Whether the log has failed.
  private var hasFailed = false
  /// What `rest` polls; kept, because it rests 50 times a second.
  private var polled: [pollfd] = []

  /// - Parameters:
  ///   - conformance: a tap that judges the stream; nil: none.
  ///   - dump: opens the recording, after the other outputs; returns nil for none.
  /// - Throws: `SystemError` if an output cannot be opened.
  init(
    _ session: consuming LiveSession, _ plan: LivePlan, conformance: ConformanceRun? = nil,
    dump: () throws -> DumpSink? = { nil }
  ) throws {
    let outputs = try plan.output.open(interruptedBy: session.signals.descriptor)
    let recorder: Recording? = if let dump = try dump() { Recording(dump) } else { nil }
    let attendant = try Self.attendant(plan, session.privileges, session.socket)
    recording = recorder
    self.attendant = attendant
    control = session.control
    control?.attend()
    signals = session.signals
    privileges = session.privileges
    pipeline = Pipeline(
      from: session.source, to: outputs, policy: plan.policy, options: plan.tracker)
    if let recording { pipeline.taps.append(recording) }
    if let conformance { pipeline.taps.append(conformance) }
    self.conformance = conformance
    self.plan = plan
  }

  /// Runs until a signal, the deadline, or the end of standard output's reader.
  /// - Throws: the error that ended it; `ExitCode` if the log or the recording failed, or by `--strict`.
  mutating func run() throws {
    do {
      while !isStopping { try step() }
      try pipeline.drain()
      try conformance?.release()
    } catch {
      try? pipeline.finish()
      recording?.finish()
      throw error
    }
    recording?.finish()
    try conclude()
  }

  /// Processes one batch, and rests if the ring is empty.
  private mutating func step() throws {
    try pipeline.step()
    warn()
    try announce()
    if isAnnounced { try verify() }
    noticeFailures()
    takeSignals()
    if let deadline, ContinuousClock.now >= deadline { stop() }
    if isStopping { return }
    if pipeline.source.isCaughtUp && verifier?.isBusy != true {
      pipeline.sink.flush()
      noticeFailures()
      try rest()
    } else if isAnnounced {
      pipeline.skipRest()
      try explain()
      try serveControl(poll: 0)
    }
  }

  private mutating func rest() throws {
    polled.removeAll(keepingCapacity: true)
    polled.append(pollfd(fd: pipeline.source.descriptor, events: Int16(POLLIN), revents: 0))
    polled.append(pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0))
    // For POLLERR and POLLHUP, which say that the reader has gone.
    polled.append(pollfd(fd: STDOUT_FILENO, events: 0, revents: 0))
    polled.append(pollfd(fd: attendant?.descriptor ?? -1, events: Int16(POLLIN), revents: 0))
    let own = polled.count
    control?.addDescriptors(to: &polled)
    poll(&polled, nfds_t(polled.count), control?.hasRequest == true ? 0 : patienceMilliseconds)
    let (hasRecords, output) = (polled[0].revents != 0, polled[2].revents)
    if output & Int16(POLLERR | POLLHUP) != 0 { stop() }
    takeSignals()
    if polled[own - 1].revents != 0 { hearAttendant() }
    try serveControl(polled[own...])
    if isStopping { return }
    pipeline.gather(hasRecords: hasRecords)
    try explain()
  }

  /// Starts a walk if a report waits for an explanation, except while a verification uses the walk.
  private mutating func explain() throws {
    if verifier?.isBusy != true { try pipeline.explain() }
  }

  /// The time-out for poll(2): until the deadline, the next verification, or the pipeline's own time-out.
  /// Rounded up, so that poll does not return just before that time. -1: none.
  private var patienceMilliseconds: Int32 {
    guard !isStopping else { return -1 }
    let patience = pipeline.patienceMilliseconds
    // An ordinary rest has neither time, and must not allocate the array.
    guard deadline != nil || verifier != nil,
      let next = [deadline, verifier?.due].compactMap(\.self).min()
    else { return patience ?? -1 }
    let left = (next - ContinuousClock.now) / .milliseconds(1)
    return Int32(min(max(left.rounded(.up), 0), Double(patience ?? Int32.max)))
  }

  private mutating func takeSignals() {
    while let request = signals.next() {
      switch request {
      case .stop: stop()
      case .reopenLog: reopenLog()
      case .resize: pipeline.sink.main.resize(columns: Terminal.columns)
      }
    }
  }

  /// Stops after the current batch. Records that come later are not followed.
  private mutating func stop() {
    isStopping = true
    pipeline.sink.main.hurry()
  }

  /// Without a log SIGHUP ends the run, as it ends other programs when their terminal goes away.
  mutating func reopenLog() {
    guard plan.output.log != nil else { return stop() }
    do throws(SystemError) {
      guard let file = try attendant?.reopenLog() else { return }
      pipeline.sink.log?.reopen(file)
    } catch {
      if attendant?.isLate == true { return }
      Diagnostics.warn("\(error): records still go to the old log")
    }
  }
}

// MARK: - Messages

extension LiveRun {
  private mutating func announce() throws {
    guard !isAnnounced, pipeline.isFollowing else { return }
    isAnnounced = true
    deadline = plan.duration.map { ContinuousClock.now + $0 }
    verifier = plan.verifyInterval.map { Verifier(every: $0) }
    if !plan.isQuiet {
      let (tasks, namespaces) = (pipeline.state.taskCount, pipeline.state.namespaceCount)
      Diagnostics.say("following \(tasks) tasks in \(namespaces) namespaces")
    }
    ReadyNotification.send()
    try privileges.confine(
      listing: pipeline.source.cgroupDirectories, asksNsfs: pipeline.source.asksNsfs)
  }

  /// If standard output fails the run ends; if the log fails it goes on.
  private mutating func noticeFailures() {
    if let failure = pipeline.sink.log?.failure {
      Diagnostics.fail("\(failure): the log ends here")
      pipeline.sink.log = nil
      hasFailed = true
    }
    if pipeline.sink.main.failure != nil { stop() }
  }

  /// How many records were printed and logged. A record is a line.
  private mutating func account() -> String {
    let events = pipeline.counters.events
    guard plan.output.format != .none else { return "\(events) events\(logged())" }
    let (records, printed) = (pipeline.sink.main.records, pipeline.sink.main.events)
    let seen = !plan.output.filter.isEmpty ? ", \(events) events seen" : ""
    return "\(records) records of \(printed) events printed\(seen)\(logged())"
  }

  private mutating func logged() -> String {
    let records = pipeline.sink.log?.records
    return records.map { ", \($0) records logged" } ?? ""
  }

  /// Prints what the source has noticed of its hooks.
  private mutating func warn() {
    for notice in pipeline.source.takeNotices() { Diagnostics.warn("\(notice)") }
  }

  private mutating func conclude() throws {
    warn()
    noticeFailures()
    let counters = pipeline.counters
    if !plan.isQuiet {
      Diagnostics.say("\(account()), \(counters.lost) lost")
      if let verifier { Diagnostics.say("\(verifier)") }
    }
    if let failure = pipeline.sink.main.failure, !failure.isClosedPipe { throw failure }
    let missed = counters.lost + UInt64(verifier?.differences ?? 0)
    if hasFailed || recording?.hasFailed == true || plan.isStrict && missed > 0 {
      throw Failure.general
    }
  }
}
