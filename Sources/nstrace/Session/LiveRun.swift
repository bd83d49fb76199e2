// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace
internal import NSTraceConformance
internal import NSTraceLive

/// Follows the kernel until a signal or the end of whoever reads the output.
struct LiveRun: ~Copyable {
  var source: KernelSource
  private var control: ControlServer?
  var tracer: Tracer<PinnedHold<RecordOutputs>>
  private var dump: DumpSink?
  private let conformance: ConformanceRun?
  private let signals: StopSignals
  private let plan: LivePlan
  private let privileges: PrivilegeOptions
  var batch = RecordBatch()
  private var isAnnounced = false
  /// What holds the state against the kernel; nil: nobody asked for it, or nothing is followed yet.
  var verifier: Verifier?
  private var deadline: ContinuousClock.Instant?
  /// Once the end was asked for: how much of what then stood in the ring is still to be read.
  private var bytesLeft: Int?
  /// Something that was asked for could not be done to the end.
  private var hasFailed = false

  /// How long records gather in the ring before they are read: a record is late by no more.
  private static let napMilliseconds: Int32 = 20

  /// - Parameters:
  ///   - dump: opens where the raw stream is written, too, once the other outputs are open.
  ///   - conformance: what judges it, too.
  /// - Throws: `SystemError` if an output cannot be opened.
  init(
    _ session: consuming LiveSession, _ plan: LivePlan, conformance: ConformanceRun? = nil,
    dump: () throws -> DumpSink? = { nil }
  ) throws {
    let outputs = try plan.output.open(interruptedBy: session.signals.descriptor)
    self.dump = try dump()
    source = session.source
    control = session.control
    signals = session.signals
    privileges = session.privileges
    tracer = Tracer(
      Tracker(sink: PinnedHold(outputs), policy: plan.policy, options: plan.tracker))
    self.conformance = conformance
    self.plan = plan
  }

  mutating func run() throws {
    do {
      while try step() {}
      if source.tellLosses(into: &batch) == .records { try process() }
      try tracer.release()
      try conformance?.release()
    } catch {
      finish()
      throw error
    }
    finish()
    try conclude()
  }

  /// Whatever ends the run: what was seen is written.
  private mutating func finish() {
    tracer.tracker.sink.finish()
    finishDump()
  }

  /// One batch, and a rest when the ring is empty. False: it is over.
  private mutating func step() throws -> Bool {
    let isStopping = bytesLeft != nil
    try pull()
    for notice in source.takeNotices() { Diagnostics.warn("\(notice)") }
    try announce()
    if isAnnounced && bytesLeft == nil { try verify() }
    noticeFailures()
    takeSignals()
    if let deadline, ContinuousClock.now >= deadline { stop() }
    if let left = bytesLeft {
      // What was read before the end was asked for says nothing of what stood in the ring by then.
      guard isStopping else { return true }
      bytesLeft = left - batch.count
      return left > 0 && !source.isCaughtUp
    }
    if source.isCaughtUp && verifier?.isBusy != true {
      tracer.tracker.sink.next.flush()
      noticeFailures()
      try rest()
    } else if isAnnounced {
      try explain()
      try serveControl(poll: 0)
    }
    return true
  }

  /// The next batch through dump and tracker.
  private mutating func pull() throws {
    if try source.next(into: &batch) == .records { try process() }
  }

  private mutating func process() throws {
    record()
    try conformance?.process(batch)
    try tracer.process(batch)
  }

  private mutating func rest() throws {
    var fds = [
      pollfd(fd: source.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
      // For POLLERR and POLLHUP alone: the reader of a pipe has gone, or the peer of a socket.
      pollfd(fd: STDOUT_FILENO, events: 0, revents: 0),
    ]
    let own = fds.count
    fds += control?.pollDescriptors ?? []
    poll(&fds, nfds_t(fds.count), control?.hasRequest == true ? 0 : patienceMilliseconds)
    if fds[2].revents & Int16(POLLERR | POLLHUP) != 0 { stop() }
    takeSignals()
    try serveControl(fds[own...])
    let hasRecords = fds[0].revents != 0
    guard bytesLeft == nil else { return }
    if hasRecords { source.nap(milliseconds: Self.napMilliseconds) }
    if tracer.tracker.sink.isWaiting { source.answer(tracer.tracker.sink.waiting) }
    try explain()
  }

  /// Has the tasks walked over when a report waits for an explanation.
  private mutating func explain(isUrgent: Bool = false) throws {
    guard tracer.isWaiting, source.isCensusDue(isUrgent: isUrgent), verifier?.isBusy != true
    else { return }
    try source.beginCensus(of: tracer.waiting)
  }

  /// For poll(2): until there is something to be done anyhow, rounded up so that it is not missed by a
  /// little, or until it is time to ask again what has become of a namespace.
  private var patienceMilliseconds: Int32 {
    guard bytesLeft == nil else { return -1 }
    let isWaiting = tracer.isWaiting || tracer.tracker.sink.isWaiting
    let nap = isWaiting ? Self.napMilliseconds : source.patienceMilliseconds
    guard let next = [deadline, verifier?.due].compactMap(\.self).min() else { return nap ?? -1 }
    let left = (next - ContinuousClock.now) / .milliseconds(1)
    return Int32(min(max(left.rounded(.up), 0), Double(nap ?? Int32.max)))
  }

  private mutating func takeSignals() {
    while let request = signals.next() {
      switch request {
      case .stop: stop()
      case .reopenLog: reopenLog()
      case .resize: tracer.tracker.sink.next.main.resize(columns: Terminal.columns)
      }
    }
  }

  /// What happens after this is no longer ours, however fast it comes.
  private mutating func stop() {
    if bytesLeft == nil { bytesLeft = source.ringBytes }
    tracer.tracker.sink.next.main.hurry()
  }

  /// Without a log SIGHUP means what it means to every program: the terminal has gone.
  private mutating func reopenLog() {
    do throws(SystemError) {
      guard let file = try plan.output.openLog() else { return stop() }
      tracer.tracker.sink.next.log?.reopen(file)
    } catch {
      Diagnostics.warn("\(error): going on in the old log")
    }
  }
}

// MARK: - Control

extension LiveRun {
  /// While the tracer is too busy to rest.
  private mutating func serveControl(poll milliseconds: Int32) throws {
    guard var fds = control?.pollDescriptors else { return }
    poll(&fds, nfds_t(fds.count), milliseconds)
    try serveControl(fds[...])
  }

  private mutating func serveControl(_ polled: ArraySlice<pollfd>) throws {
    control?.begin(polled)
    while let call = control?.nextCall(isCapable: { try source.isCapable($0) }) {
      switch call.request {
      case .register(let registration):
        let reply = try register(registration, from: call.caller)
        control?.answer(call, reply)
      case .query(let query) where call.caller.isCapable:
        try refreshConfinements()
        let lines = query.answer(from: tracer.tracker, nowNs: Self.bootTimeNs)
        control?.answer(call, lines)
      case .query: control?.answer(call, ControlReply(ControlQuery.notPermitted))
      }
    }
    control?.end()
  }

  /// prctl(2) and seccomp(2) leave no record: who asks is told what is true now.
  private mutating func refreshConfinements() throws {
    try pull()
    try source.lookAtConfinements { tracer.tracker.isNews(of: $0, $1) }
    while source.hasPending { try pull() }
  }

  static var bootTimeNs: UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }

  /// Judged by what the tracker knows once it has seen all that stands in the ring, and seen by it
  /// before anything else is judged.
  private mutating func register(
    _ registration: ControlRegistration, from caller: ControlCaller
  ) throws -> ControlReply {
    let request: RegistrationRequest
    do throws(ControlReply.Refusal) {
      request = try registration.request(from: caller)
    } catch {
      return ControlReply(error)
    }
    try pull()
    // As a replay will judge it: by a tracker that has seen all that comes before.
    // A verification under way has no turn here, and would keep its walk for ever.
    if tracer.isWaiting { verifier?.abandon() }
    while tracer.isWaiting {
      try explain(isUrgent: true)
      if source.isCaughtUp { source.nap(milliseconds: Self.napMilliseconds) }
      try pull()
    }
    let outcome = source.register(request) { tracer.tracker.verdict(on: $0, members: $1) }
    while source.hasPending { try pull() }
    var reply = ControlReply(outcome)
    // Who hears this was found capable of setting it.
    if outcome == .refused(.exists) {
      let carried = tracer.tracker.state.containers(of: request.target)
      reply.carries = carried.elements.map { "\($0.id)" }
    }
    return reply
  }
}

// MARK: - Recording

extension LiveRun {
  private mutating func record() {
    do throws(SystemError) {
      try dump?.write(batch)
    } catch {
      stopRecording(error)
    }
  }

  private mutating func finishDump() {
    do throws(SystemError) {
      try dump?.finish()
    } catch {
      stopRecording(error)
    }
  }

  private mutating func stopRecording(_ error: SystemError) {
    Diagnostics.fail("\(error): the recording ends here, whole up to its last block")
    dump = nil
    hasFailed = true
  }
}

// MARK: - What is said

extension LiveRun {
  private mutating func announce() throws {
    guard !isAnnounced, tracer.tracker.phase == .following else { return }
    isAnnounced = true
    deadline = plan.duration.map { ContinuousClock.now + $0 }
    verifier = plan.verifyInterval.map { Verifier(every: $0) }
    if !plan.isQuiet {
      let (tasks, namespaces) = (
        tracer.tracker.state.taskCount, tracer.tracker.state.namespaceCount
      )
      Diagnostics.say("following \(tasks) tasks in \(namespaces) namespaces")
    }
    ReadyNotification.send()
    try privileges.confine(
      reopensLog: plan.output.log != nil, asksNsfs: source.asksNsfs)
  }

  /// An output that fails ends the run, a log does not.
  private mutating func noticeFailures() {
    if let failure = tracer.tracker.sink.next.log?.failure {
      Diagnostics.fail("\(failure): the log ends here")
      tracer.tracker.sink.next.log = nil
      hasFailed = true
    }
    if tracer.tracker.sink.next.main.failure != nil { stop() }
  }

  /// What was printed and logged, so that a person can count it: a record is a line.
  private mutating func account() -> String {
    let events = tracer.tracker.counters.events
    guard plan.output.format != .none else { return "\(events) events\(logged())" }
    let (records, printed) = (
      tracer.tracker.sink.next.main.records, tracer.tracker.sink.next.main.events
    )
    let seen = !plan.output.filter.isEmpty ? ", \(events) events seen" : ""
    return "\(records) records of \(printed) events printed\(seen)\(logged())"
  }

  private mutating func logged() -> String {
    let records = tracer.tracker.sink.next.log?.records
    return records.map { ", \($0) records logged" } ?? ""
  }

  private mutating func conclude() throws {
    let counters = tracer.tracker.counters
    if !plan.isQuiet {
      Diagnostics.say("\(account()), \(counters.lost) lost")
      if let verifier { Diagnostics.say("\(verifier)") }
    }
    if let failure = tracer.tracker.sink.next.main.failure, !failure.isClosedPipe { throw failure }
    let missed = counters.lost + UInt64(verifier?.differences ?? 0)
    if hasFailed || plan.isStrict && missed > 0 { throw Failure.general }
  }
}
