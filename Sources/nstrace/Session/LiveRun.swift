// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace
internal import NSTraceConformance
internal import NSTraceLive

/// Follows the kernel until a signal comes or the reader of the output goes away.
struct LiveRun: ~Copyable {
  var pipeline: Pipeline<KernelSource, RecordOutputs>
  var control: ControlServer?
  let recording: Recording?
  private let conformance: ConformanceRun?
  /// Opens and moves the log; its attendant removes the control socket, too.
  let logFiles: AttendedLog
  /// Writes into the kernel's audit trail; nil: nobody does.
  let sender: AuditSender?
  private let signals: StopSignals
  let plan: LivePlan
  let privileges: PrivilegeOptions
  private(set) var isAnnounced = false
  /// Since when the state is complete: CLOCK_BOOTTIME, nanoseconds; nil: it is not yet.
  private(set) var followedSinceNs: UInt64?
  var isStopping = false
  /// Compares the state with the kernel's; nil without `--verify`, and before following begins.
  var verifier: Verifier?
  private var deadline: ContinuousClock.Instant?
  /// Whether it has ended because of --count, --duration or --until.
  private(set) var hasReachedEnd = false
  var watchdog: Watchdog?
  private var memory = MemoryTrim()
  var mainWatch = OutputWatch()
  var logWatch = OutputWatch()
  var messagesWatch = OutputWatch()
  /// Whether the run has ended for want of outputs, or of room for one.
  var hasFailed = false
  /// Why this tracer registers no containers; nil: it does.
  let leavesRegistrations: ControlReply.Refusal?
  /// `NamespaceState.containerEnds` and the next number when the keeper was last rid of registrations.
  var forgottenEnds: UInt64 = 0
  var forgottenNumber: UInt32 = 0
  /// Whether there has been no room for a registration since.
  var lacksRoom = false
  /// When it may next be: a walk over all tasks is made for it.
  var forgetDue = ContinuousClock.now
  /// Registrations that are removed once so many events are written; nil: none were found.
  var spent: (numbers: [UInt32], made: Int)?
  /// Has the keeper know the sessions.
  var sessionKeeping = SessionKeeping()
  /// Has it know their numbers; nil: this tracer registers nothing there.
  let sessionNumbers: SessionNumbers?
  /// Whether it has been said that sessions are not kept.
  var hasWarnedOfSessions = false
  /// Whether it has been said that registrations are not kept.
  var hasWarnedOfKeeper = false
  /// Whether it has been said that another tracer's keeper was removed.
  var hasWarnedOfRemoval = false
  /// When the kernel is next asked what its audit has lost; nil: it is not.
  var auditDue: ContinuousClock.Instant?
  /// Whether it has been said that stains are not kept.
  var hasWarnedOfStains = false
  /// Whether standard output has been given up.
  var isUnread = false
  /// What `rest` polls; kept, because it rests 50 times a second.
  private var polled: [pollfd] = []

  /// - Parameters:
  ///   - conformance: a tap that judges the stream; nil: none.
  ///   - dump: opens the recording, after the other outputs; returns nil for none.
  /// - Throws: `SystemError` if an output cannot be opened.
  init(
    _ session: consuming LiveSession, _ plan: LivePlan, conformance: ConformanceRun? = nil,
    dump: () throws -> FileDescriptor? = { nil }
  ) throws {
    let logFiles = AttendedLog(path: plan.output.log ?? "")
    let routedFiles = try plan.output.routes?.open()
    let sender = session.trail?.sender
    let outputs = try plan.output.openLive(
      session.output, logFiles, routedFiles, session.trail)
    let recorder: Recording? = if let dump = try dump() { Recording(dump) } else { nil }
    let keeper = Self.attended(session.source.keeper, session.privileges)
    let attendant = try Self.attendant(
      plan, session.privileges, session.socket, keeper, routedFiles?.names,
      asksAudit: Self.asksAudit(session.source, session.privileges))
    logFiles.attendant = attendant
    routedFiles?.attendant = attendant
    keeper?.pin = { () throws(SystemError) in try attendant?.pinKeeper() }
    leavesRegistrations = session.leavesRegistrations
    recording = recorder
    self.sender = sender
    self.logFiles = logFiles
    control = session.control
    control?.attend()
    signals = session.signals
    watchdog = session.watchdog
    privileges = session.privileges
    sessionNumbers = session.source.keeper.flatMap { $0.registers ? SessionNumbers($0) : nil }
    pipeline = Pipeline(
      from: session.source, to: outputs, policy: plan.policy, options: plan.tracker)
    if let sessionNumbers { pipeline.taps.append(sessionNumbers) }
    pipeline.tracer.tracker.notesStains = pipeline.source.keeper?.registers == true
    if let recording { pipeline.taps.append(recording) }
    if let conformance { pipeline.taps.append(conformance) }
    pipeline.taps += plan.output.taps
    self.conformance = conformance
    self.plan = plan
    beginAudit()
  }

  /// Runs until a signal, the deadline, or the end of standard output's reader.
  /// - Throws: the error that ended it; `ExitCode` if the log or the recording failed, or by `--strict`.
  mutating func run() throws {
    do {
      while !isStopping { try step() }
      finishAuditLost()
      try pipeline.drain()
      try conformance?.release()
      finishSessions()
      keepStains()
      leaveKeeper()
    } catch {
      try? pipeline.finish()
      pipeline.sink.finish()
      recording?.finish()
      throw error
    }
    pipeline.sink.finish()
    recording?.finish()
    finishSender()
    try conclude()
  }

  /// Processes one batch, and rests if the ring is empty.
  private mutating func step() throws {
    try pipeline.step()
    settleSessions()
    keepStains()
    warn()
    try announce()
    if isAnnounced { try verify() }
    noticeFailures()
    askAuditLost()
    if recording?.needsWalk == true { pipeline.source.rebuild() }
    takeSignals()
    if let deadline, ContinuousClock.now >= deadline { end() }
    try followCommand()
    if pipeline.sink.isComplete { end() }
    let works = hasWorkingOutput
    watchdog?.step(works: works)
    if isStopping { return }
    if pipeline.source.mayRest && verifier?.isBusy != true {
      pipeline.sink.flush()
      recording?.drain()
      noticeFailures()
      giveMemoryBack()
      try rest()
    } else if isAnnounced {
      pipeline.sink.drain()
      recording?.drain()
      pipeline.skipRest()
      keepSessions()
      try explain()
      try serveControl(poll: 0)
    }
  }

  private mutating func rest() throws {
    polled.removeAll(keepingCapacity: true)
    polled.append(pollfd(fd: pipeline.source.descriptor, events: Int16(POLLIN), revents: 0))
    polled.append(pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0))
    // For POLLERR and POLLHUP, which say that the reader has gone.
    polled.append(
      pollfd(fd: isUnread || plan.output.isInFile ? -1 : STDOUT_FILENO, events: 0, revents: 0))
    polled.append(Self.writable(pipeline.sink.main.state.awaited))
    polled.append(Self.writable(pipeline.sink.logState?.awaited))
    polled.append(Self.writable(recording?.state.awaited))
    polled.append(polledSender)
    let audit = pipeline.source.auditDescriptor
    polled.append(pollfd(fd: audit, events: Int16(POLLIN), revents: 0))
    let attendant = logFiles.attendant?.descriptor ?? -1
    let hearing = polled.count
    polled.append(pollfd(fd: attendant, events: Int16(POLLIN), revents: 0))
    for socket in pipeline.sink.routes?.awaited ?? [] { polled.append(Self.writable(socket)) }
    if isCommandRunning, let command = plan.command {
      polled.append(pollfd(fd: command.descriptor, events: Int16(POLLIN), revents: 0))
    }
    let own = polled.count
    control?.addDescriptors(to: &polled)
    poll(&polled, nfds_t(polled.count), patienceMilliseconds)
    let hasRecords = polled[0].revents != 0 || polled[hearing - 1].revents != 0
    let output = polled[2].revents
    if output & Int16(POLLERR | POLLHUP) != 0 { loseReader() }
    takeSignals()
    if polled[hearing].revents != 0 { hearAttendant() }
    noticeRemoval()
    try serveControl(polled[own...])
    if isStopping { return }
    try forgetSpent()
    keepSessions()
    pipeline.gather(hasRecords: hasRecords)
    try explain()
  }

  /// What poll(2) watches until an output takes more; nil: nothing.
  private static func writable(_ descriptor: Int32?) -> pollfd {
    pollfd(fd: descriptor ?? -1, events: Int16(POLLOUT), revents: 0)
  }

  /// Starts a walk if a report waits for an explanation, except while a verification uses the walk.
  private mutating func explain() throws {
    if verifier?.isBusy != true { try pipeline.explain() }
  }

  /// The time-out for poll(2): until whatever comes next. Rounded up, so that poll does not return just
  /// before that time. -1: none.
  private var patienceMilliseconds: Int32 {
    mutating get {
      var patience = pipeline.patienceMilliseconds ?? Int32.max
      if let deadline { patience = min(patience, Self.milliseconds(until: deadline)) }
      if let due = verifier?.due { patience = min(patience, Self.milliseconds(until: due)) }
      if let due = memory.due { patience = min(patience, Self.milliseconds(until: due)) }
      if let due = control?.due() { patience = min(patience, Self.milliseconds(until: due)) }
      if let due = spentDue { patience = min(patience, Self.milliseconds(until: due)) }
      if let due = pipeline.sink.messagesDue {
        patience = min(patience, Self.milliseconds(until: due))
      }
      if let due = sessionsDue { patience = min(patience, Self.milliseconds(until: due)) }
      if let due = auditDue { patience = min(patience, Self.milliseconds(until: due)) }
      if let next = watchdog?.next { patience = min(patience, Self.milliseconds(until: next)) }
      // A full disk is tried again.
      let isFailing = pipeline.sink.isFailing || recording?.state.isFailing == true
      if isFailing { patience = min(patience, 1000) }
      return patience == Int32.max ? -1 : patience
    }
  }

  private static func milliseconds(until instant: ContinuousClock.Instant) -> Int32 {
    let left = (instant - ContinuousClock.now) / .milliseconds(1)
    return Int32(min(max(left.rounded(.up), 0), Double(Int32.max)))
  }

  private mutating func takeSignals() {
    while let request = signals.next() {
      switch request {
      case .interrupt: if !isCommandRunning { stop() }
      case .stop: stop()
      case .reopenLog: reopenLog()
      case .resize: pipeline.sink.main.resize(columns: Terminal.columns)
      }
    }
  }

  /// Stops after the current batch. Records that come later are not followed.
  mutating func stop() { isStopping = true }

  private mutating func end() {
    hasReachedEnd = true
    stop()
  }

  /// How long it is until the time of --until; nil: none was given.
  private var untilEnd: Duration? {
    let untilNs = plan.output.filter.window.untilNs
    if untilNs == .max { return nil }
    let (span, isOver) = untilNs.subtractingReportingOverflow(WallClock.nowNs)
    return isOver ? .zero : .nanoseconds(span)
  }

  /// Without a log or copies SIGHUP ends the run, as it ends other programs when their terminal
  /// goes away.
  mutating func reopenLog() {
    pipeline.sink.routes?.reopen()
    guard plan.output.log != nil else { return plan.output.routes == nil ? stop() : () }
    do throws(SystemError) {
      pipeline.sink.log?.reopen(try logFiles.reopen())
    } catch {
      if logFiles.attendant?.isLate == true { return }
      Diagnostics.warn("\(error): records still go to the old log")
    }
  }
}

// MARK: - Messages

extension LiveRun {
  private mutating func announce() throws {
    guard !isAnnounced, pipeline.isFollowing else { return }
    isAnnounced = true
    followedSinceNs = Self.bootTimeNs
    deadline = [plan.duration, untilEnd].compactMap(\.self).min().map { ContinuousClock.now + $0 }
    verifier = plan.verifyInterval.map { Verifier(every: $0) }
    if !plan.isQuiet && plan.command == nil {
      let (tasks, namespaces) = (pipeline.state.taskCount, pipeline.state.namespaceCount)
      Diagnostics.say("following \(tasks) tasks in \(namespaces) namespaces")
    }
    Diagnostics.isLive = true
    ReadyNotification.send()
    try privileges.confine(
      listing: pipeline.source.cgroupDirectories, asksNsfs: pipeline.source.asksNsfs,
      keeps: pipeline.source.keeper != nil)
    pipeline.source.losePrivileges()
  }

  /// How many records were printed and logged. A record is a line.
  private mutating func giveMemoryBack() {
    guard memory.isDue(records: pipeline.tracer.records) else { return }
    pipeline.compact()
    memory.trim()
  }

  private mutating func account() -> String {
    let events = pipeline.counters.events
    let elsewhere = logged() + copied() + sentMessages()
    guard plan.output.format != .none else { return "\(events) events\(elsewhere)" }
    let (records, printed) = (pipeline.sink.main.records, pipeline.sink.main.events)
    let seen = !plan.output.selectsAll ? ", \(events) events seen" : ""
    let missing = leftOut(pipeline.sink.main.missing)
    return "\(records) records of \(printed) events printed\(missing)\(seen)\(elsewhere)"
  }

  private mutating func logged() -> String {
    guard let log = pipeline.sink.logState else { return "" }
    return ", \(log.records) records logged\(leftOut(log.missing))"
  }

  /// What containers' copies lack: their readers are told there, too.
  private func copied() -> String {
    guard let missing = pipeline.sink.routes?.missing, missing > 0 else { return "" }
    return ", \(missing) records left out of copies"
  }

  private func leftOut(_ records: UInt64) -> String { records > 0 ? " (\(records) left out)" : "" }

  /// Prints what the source has noticed of its hooks.
  private mutating func warn() {
    for notice in pipeline.source.takeNotices() { Diagnostics.warn("\(notice)") }
  }

  private mutating func conclude() throws {
    warn()
    tellClosed(isLast: true)
    noticeFailures()
    let counters = pipeline.counters
    if !plan.isQuiet {
      Diagnostics.say("\(account()), \(counters.lost) lost\(ownAuditEvents)")
      if let verifier { Diagnostics.say("\(verifier)") }
    }
    plan.output.tellFailures()
    endLog()
    if let failure = pipeline.sink.main.failure, !failure.isClosedPipe { throw failure }
    let leftOut = pipeline.sink.main.missing + (pipeline.sink.logState?.missing ?? 0)
    let unrecorded = (recording?.state.missing ?? 0) + (pipeline.sink.routes?.missing ?? 0)
    let missed =
      counters.lost + UInt64(verifier?.differences ?? 0) + leftOut + unrecorded + missingMessages
    if hasFailed || recording?.works == false || plan.isStrict && missed > 0 {
      throw Failure.general
    }
  }
}
