// SPDX-License-Identifier: Apache-2.0

import CBPF
import CNSWire
import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// A tracer of the running kernel in the test process.
struct LiveTrace: ~Copyable {
  private var source: KernelSource
  private var tracer: Tracer<EventLog>
  private var decoder = EventDecoder()
  private var batch = RecordBatch()
  /// The process that is followed, with its descendants.
  private(set) var tree = ProcessTree(root: 0)
  private var eventsBefore = 0
  /// The records of the stream, by kind.
  private(set) var counts = KindCounts()

  /// The size of nstrace's ring on a small machine: bytes.
  static let ringBytes = 4 << 20

  /// Attaches, and reads until the first snapshot is complete.
  static func attached(
    ringBytes: Int = LiveTrace.ringBytes, containers: ContainerSource = .registered,
    keeper: Keeper? = nil
  ) throws -> LiveTrace {
    var source = try KernelSource(ringBytes: ringBytes, keeper: keeper, version: "test")
    try source.takeBackUnfinished()
    var trace = LiveTrace(source, containers)
    try trace.drain(until: "the first snapshot") { $0.tracer.tracker.phase == .following }
    return trace
  }

  private init(_ source: consuming KernelSource, _ containers: ContainerSource) {
    self.source = source
    tracer = Tracer(Tracker(sink: EventLog(), options: TrackerOptions(containers: containers)))
  }

  var events: [AuditEvent] { tracer.tracker.sink.events }
  var state: NamespaceState { _read { yield tracer.tracker.state } }
  var host: HostFacts? { tracer.tracker.host }
  var lost: UInt64 { tracer.tracker.counters.lost }

  /// The counters of the kernel side, by kind.
  var kernelCounts: KindCounts {
    var counts = KindCounts()
    for kind in KindCounts.kinds {
      let (submitted, lost) = source.counts(ofKind: kind)
      if submitted > 0 { counts.seen[kind] = submitted }
      if lost > 0 { counts.lost[kind] = lost }
    }
    return counts
  }

  /// Reads until `isDone`, which is called whenever the ring is empty.
  /// - Throws: `LiveTraceError` at the deadline.
  mutating func drain(
    until what: String, _ isDone: (borrowing LiveTrace) throws -> Bool
  ) throws {
    let deadline = Patience.end
    while true {
      if try step() { continue }
      if try explain() { continue }
      if !tracer.isWaiting, try isDone(self) { return }
      guard ContinuousClock.now < deadline else { throw LiveTraceError.timedOut(what) }
      var fd = pollfd(fd: source.descriptor, events: Int16(POLLIN), revents: 0)
      poll(&fd, 1, 5)
    }
  }

  /// Begins a census if a report waits for an explanation. True: there are more records.
  private mutating func explain() throws -> Bool {
    guard tracer.isWaiting else { return false }
    if source.isCensusDue() { try source.beginCensus(of: tracer.waiting) }
    return !source.isCaughtUp
  }

  /// Reads one batch; false: there is none.
  private mutating func step() throws -> Bool {
    guard try source.next(into: &batch) == .records else { return false }
    counts.add(batch)
    try batch.withBytes { try decoder.decode($0, into: &tree) }
    try tracer.process(batch)
    return true
  }

  /// Registers a container. The caller is the test process, which has the capability.
  mutating func register(
    _ target: UInt32, as contid: ContainerID, includesDescendants: Bool = false
  ) throws -> RegistrationOutcome {
    let request = RegistrationRequest(
      contid: contid, includesDescendants: includesDescendants, target: target,
      caller: UInt32(getpid()), capabilities: [.control], name: Array("test".utf8))
    let owners = state.keptOwners(of: contid, registeredBy: request.caller)
    let outcome = source.register(request, owners: owners) {
      tracer.tracker.verdict(on: $0, members: $1)
    }
    while source.hasPending { _ = try step() }
    try drain(until: "what explains a report") { !$0.tracer.isWaiting }
    return outcome
  }

  /// Removes from the keeper what nothing needs, as a run does at its rests.
  mutating func forgetSpent() throws {
    try source.forget(source.spentRegistrations(tracer.tracker.registrationUses))
  }

  /// Reads the confinement of all tasks, as for `nstrace containers`.
  mutating func lookAtConfinements() throws {
    try source.lookAtConfinements { tracer.tracker.isNews(of: $0, $1) }
    while source.hasPending { _ = try step() }
  }

  /// The members of a process's family, as the kernel side has them now.
  mutating func family(of tgid: UInt32) throws -> [nst_member] {
    try source.assembler.port.pass(
      NST_FAMILY_LOOK, nst_family(tgid: tgid, container: 0, previous: 0))
  }

  /// All tasks that have a number, as the kernel side has them now.
  mutating func numbered() throws -> [nst_member] { try source.assembler.port.numbered() }

  /// The number of the last granted registration.
  var lastNumber: UInt32 { source.assembler.nextNumber - 1 }

  /// Starts a program, and follows it and its descendants from now on.
  mutating func start(
    _ path: String, _ arguments: [String], input: ChildProcess.Input = .nothing
  ) throws -> ChildProcess {
    eventsBefore = events.count
    let process = try ChildProcess(path, arguments, input: input)
    tree = ProcessTree(root: process.pid)
    return process
  }

  /// Reads until the process and all its descendants have ended.
  mutating func follow(_ process: inout ChildProcess) throws {
    try drain(until: "the end of process \(process.pid)") { trace in
      process.look()
      return process.status != nil && trace.tree.isOver
    }
  }

  /// The events by the followed tasks or about them, since `start`.
  var treeEvents: [AuditEvent] {
    events.dropFirst(eventsBefore).filter { event in
      event.subject.map { tree.tids.contains($0.task.tid) } ?? false
        || event.namespaces.contains { tree.tids.contains($0.opid) }
    }
  }
}
