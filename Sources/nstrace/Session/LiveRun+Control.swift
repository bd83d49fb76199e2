// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace
internal import NSTraceLive

/// Requests over the control socket.
extension LiveRun {
  /// Serves the clients while the ring is not empty, when `rest` is not called.
  mutating func serveControl(poll milliseconds: Int32) throws {
    if control == nil { return }
    var fds: [pollfd] = []
    control?.addDescriptors(to: &fds)
    poll(&fds, nfds_t(fds.count), milliseconds)
    try serveControl(fds[...])
  }

  mutating func serveControl(_ polled: ArraySlice<pollfd>) throws {
    control?.begin(polled)
    while let call = control?.nextCall(
      facts: { try pipeline.source.callerFacts(of: $0, connectedAs: $1) })
    {
      switch call.request {
      case .register(let registration):
        let reply = try register(registration, from: call.caller)
        control?.answer(call, reply)
      case .query(let query) where call.caller.capabilities.contains(.control):
        try refreshConfinements()
        let lines = query.answer(
          from: pipeline.tracer.tracker, pipeline.sink.sessions, nowNs: Self.bootTimeNs)
        control?.answer(call, lines)
      case .id(let question):
        let reply = try identify(question, for: call.caller)
        control?.answer(call, reply)
      case .audit(let query) where call.caller.capabilities.contains(.control):
        try answer(query, of: call)
      case .query, .audit: control?.answer(call, ControlReply(ControlQuery.notPermitted))
      }
    }
    control?.end()
    tellClosed()
  }

  /// Warns if clients were closed for others.
  mutating func tellClosed(isLast: Bool = false) {
    guard let clients = control?.takeClosed(isLast: isLast) else { return }
    Diagnostics.warn(
      "too many clients of the control socket: closed \(clients) for others (told once a minute)")
  }

  /// The IDs of a process, once all has been read that was reported before the question.
  private mutating func identify(
    _ question: ControlIdentity, for caller: ControlCaller
  ) throws -> ControlReply {
    let process: UInt32
    do throws(ControlReply.Refusal) {
      process = try question.process(asked: caller, readsOwn: plan.policy.letsRegisterSelf)
    } catch {
      return ControlReply(error)
    }
    try settle()
    if caller.hasEnded { return ControlReply(Self.callerGone) }
    return ControlReply(carrying: pipeline.state.containers(ofProcess: process))
  }

  /// Reads what the ring holds, and waits for what explains it.
  mutating func settle() throws {
    // It waits for a walk, and a verification would hold the only one for ever.
    if pipeline.tracer.isWaiting { verifier?.abandon() }
    try pipeline.catchUp()
    try pipeline.settle()
  }

  /// Reads the confinement of all tasks, because prctl(2) and seccomp(2) leave no record.
  private mutating func refreshConfinements() throws {
    try pipeline.step()
    try pipeline.source.lookAtConfinements { pipeline.tracer.tracker.isNews(of: $0, $1) }
    try pipeline.readPending()
  }

  static var bootTimeNs: UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }

  /// The pid in the request, or in what is known of the caller, may be another process's by now.
  private static let callerGone = ControlReply.Refusal(
    name: "ESRCH", message: "the process that asked has ended")

  /// Under other policies the ID would be no tag, and a wish that is not met would be passed over.
  private var noTags: ControlReply.Refusal {
    ControlReply.Refusal(
      name: "EINVAL",
      message: "only under --policy tags are IDs taken on entry, and this tracer's policy is "
        + "\(plan.policy.name)")
  }

  /// Settles the stream first, so that the tracker decides by all that is in the ring. Afterwards reads
  /// the registration's records, so that the next decision sees them.
  private mutating func register(
    _ registration: ControlRegistration, from caller: ControlCaller
  ) throws -> ControlReply {
    if let leavesRegistrations { return ControlReply(leavesRegistrations) }
    var request: RegistrationRequest
    do throws(ControlReply.Refusal) {
      request = try registration.request(from: caller)
    } catch {
      return ControlReply(error)
    }
    request.isOfOtherPolicy = request.isTakenOnEntry && !plan.policy.tagsEntrants
    // Who may register nothing costs no questions.
    if !caller.capabilities.isEmpty { try pipeline.askAboutStains() }
    try settle()
    if caller.hasEnded { return ControlReply(Self.callerGone) }
    let owners = pipeline.state.keptOwners(of: request.contid, registeredBy: request.caller)
    let outcome = pipeline.source.register(request, owners: owners) {
      pipeline.tracer.tracker.verdict(on: $0, members: $1)
    }
    if outcome == .refused(.noRoom) { lacksRoom = true }
    noticeKeeper()
    try pipeline.readPending()
    if request.isOfOtherPolicy { return ControlReply(noTags) }
    var reply = ControlReply(outcome)
    // The caller may read IDs (T13): EEXIST is found after the capability.
    if outcome == .refused(.exists) {
      let carried = pipeline.state.containers(of: request.target)
      reply.carries = carried.elements.map { "\($0.id)" }
    }
    return reply
  }
}
