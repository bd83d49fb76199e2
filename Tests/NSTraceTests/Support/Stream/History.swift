// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceConformance

/// A short history of tasks and their namespaces, encoded as wire records, decoded and tracked.
///
///     let run = History(.snapshot(1), .fork(1, 2), .unshare(2, [.uts: 101]), .exit(2))
///     #expect(run.lines == ["create unshare uts 2: 101 <- 2", "destroy exit uts 2: 101"])
///
/// Times are 10, 20, 30 … by step, unless `.at` gives another. A step keeps its task's state, so
/// that the next step names only what changes.
struct History {
  struct Step: Sendable {
    let put: @Sendable (inout History) -> Void
  }

  struct Task {
    var startNs: UInt64
    var tgid: UInt32
    var place: NamespacePlace
    /// The number of the task's registration.
    var container: UInt32 = 0
    /// The subject in records about the task.
    var ppid: UInt32 = 0
    var comm: [UInt8] = []
    var hasNoNewPrivs = false
    var isCapable = false
    var seccomp: UInt16 = 0
    /// The cgroup of v2.
    var cgroup: UInt64 = 0
  }

  private var encoder = RecordEncoder()
  private var tasks: [UInt32: Task] = [:]
  private var now: UInt64 = 0

  /// The number of the last registration.
  var registrations: UInt32 = 0

  /// The bytes of each step's records.
  private(set) var steps: [[UInt8]] = []
  private(set) var events: [ObservedEvent] = []
  /// The events of the kernel's audit.
  private(set) var kernelEvents: [KernelEvent] = []
  private let followed: Followed

  /// The tracker at the end. Copies of a history share it, because a tracker cannot be copied.
  private final class Followed {
    var tracker: Tracker<CollectingSink>

    init(_ tracker: consuming Tracker<CollectingSink>) { self.tracker = tracker }
  }

  var state: NamespaceState { _read { yield followed.tracker.state } }
  var counters: TrackerCounters { followed.tracker.counters }
  var auditCounters: AuditCounters { followed.tracker.auditCounters }
  /// The names of containers that the tracker has told.
  var names: [String] { followed.tracker.sink.names }
  var uses: RegistrationUses { followed.tracker.registrationUses }

  /// - Parameter policy: judges registrations.
  init(
    under policy: any ContainerPolicy = RFCPolicy(),
    containers: ContainerSource = .registered, _ steps: Step...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    self.init(
      under: policy, containers: containers, steps, sourceLocation: sourceLocation)
  }

  init(
    under policy: any ContainerPolicy = RFCPolicy(),
    containers: ContainerSource = .registered, options: TrackerOptions = TrackerOptions(),
    _ steps: [Step],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var decoder = EventDecoder()
    var options = options
    options.containers = containers
    followed = Followed(Tracker(sink: CollectingSink(), policy: policy, options: options))
    for step in steps {
      now += 10
      encoder.removeAll()
      step.put(&self)
      self.steps.append(encoder.bytes)
      do {
        try RecordBatch(encoder.bytes).withBytes { (bytes) throws(WireError) in
          try decoder.decode(bytes, into: &followed.tracker)
        }
      } catch {
        Issue.record(error, sourceLocation: sourceLocation)
      }
      #expect(state.checkInvariants() == [], sourceLocation: sourceLocation)
    }
    followed.tracker.finishAudit()
    events = followed.tracker.sink.events
    kernelEvents = followed.tracker.sink.kernelEvents
  }

  /// The records of one more step, which is not tracked.
  mutating func records(of step: Step) -> [UInt8] {
    now += 10
    encoder.removeAll()
    step.put(&self)
    return encoder.bytes
  }

  /// A line for each output record.
  var lines: [String] { events.flatMap(\.lines) }

  /// The list of a task, as `contid=` prints it.
  func contid(_ tid: UInt32) -> String { "\(state.containers(of: tid))" }

  /// The tids of the known tasks.
  var tids: [UInt32] { state.tasks.sorted.map(\.tid) }

  /// The namespaces in use, without the host's own, as `uts 101`.
  var namespaces: [String] {
    state.namespaces.sorted.filter { $0.id.inum > 8 || $0.id.nsid != 0 }
      .map { "\($0.id.kind) \($0.id.text)" }
  }

  /// The namespaces of a task; nil: not known.
  func place(of tid: UInt32) -> NamespacePlace? {
    guard let task = state.taskSummaries.first(where: { $0.tid == tid }) else { return nil }
    var place = NamespacePlace.initial
    for slot in NamespaceSlot.allCases { place[slot] = task.namespaces[slot.rawValue] }
    return place
  }

  /// The generation of a namespace that is in use or remembered.
  func generation(_ kind: NamespaceKind, _ inum: UInt32, nsid: UInt64 = 0) -> UInt32? {
    state.namespaces.find(NamespaceID(kind: kind, inum: inum, nsid: nsid))
      .map { state.namespaces[$0].generation }
  }
}

// MARK: - Tasks

extension History.Step {
  /// A whole snapshot. A task is in the namespaces where the steps before have left it, else in the
  /// host's own.
  static func snapshot(_ tids: UInt32...) -> Self {
    Self { run in
      Self.begin.put(&run)
      for tid in tids { Self.seen(tid).put(&run) }
      Self.end.put(&run)
    }
  }

  static let begin = Self { $0.append(nst_snapshot()) }
  static let end = Self { $0.append(nst_snapshot(), kind: NST_KIND_SNAPSHOT_END) }

  /// A task of a snapshot, in the namespaces where the steps before have left it.
  static func seen(_ tid: UInt32, exe: String = "") -> Self {
    Self { $0.appendTask(tid, flags: 0, exe: exe) }
  }

  /// A task of a snapshot, in the host's own namespaces except for these slots.
  static func seen(
    _ tid: UInt32, _ inums: [NamespaceSlot: UInt32], start: UInt64? = nil, tgid: UInt32? = nil,
    nsid: UInt64 = 0
  ) -> Self {
    Self { run in
      run.change(tid, start: start, tgid: tgid) { $0.place = .initial.with(inums, nsid: nsid) }
      run.appendTask(tid, flags: 0)
    }
  }

  /// The kernel side has found a task in namespaces that no hook saw it enter.
  static func late(_ tid: UInt32, _ inums: [NamespaceSlot: UInt32]) -> Self {
    Self { run in
      run.change(tid) { $0.place = $0.place.with(inums) }
      run.appendTask(tid, flags: UInt16(NST_FLAG_LATE))
    }
  }

  static func fork(_ parent: UInt32, _ child: UInt32, start: UInt64? = nil) -> Self {
    Self { $0.appendFork(parent, child, start: start, tgid: child) }
  }

  /// A fork of wire version 1.4, which also reports the parent's confinement, and with it the
  /// child's.
  static func forkAsConfined(_ parent: UInt32, _ child: UInt32) -> Self {
    Self { run in
      let task = run.task(parent)
      let flags =
        NST_FLAG_CONFINEMENT | (task.hasNoNewPrivs ? NST_FLAG_NO_NEW_PRIVS : 0)
        | Int32(task.seccomp) << NST_FLAG_SECCOMP_SHIFT
      run.appendFork(parent, child, start: nil, tgid: child, flags: UInt16(flags))
    }
  }

  /// prctl(2) and seccomp(2), without a record.
  static func confine(
    _ tid: UInt32, hasNoNewPrivs: Bool = true, seccomp: UInt16 = 0
  ) -> Self {
    Self { run in
      run.change(tid) { ($0.hasNoNewPrivs, $0.seccomp) = (hasNoNewPrivs, seccomp) }
    }
  }

  /// A CONFINED record of the task.
  static func confined(_ tid: UInt32) -> Self {
    Self { run in
      var record = nst_confined()
      record.task = run.id(tid)
      (record.flags, record.seccomp) = (run.subject(tid).flags, run.task(tid).seccomp)
      run.append(record)
    }
  }

  /// A thread of the parent's process is born.
  static func thread(_ parent: UInt32, _ child: UInt32) -> Self {
    Self { $0.appendFork(parent, child, start: nil, tgid: $0.task(parent).tgid) }
  }

  static func exit(_ tid: UInt32, start: UInt64? = nil) -> Self {
    Self { run in
      var record = nst_exit()
      record.task = run.id(tid)
      if let start { record.task.start_ns = start }
      run.append(record)
    }
  }

  /// The long form of EXIT, with a subject.
  static func exitWithSubject(_ tid: UInt32) -> Self {
    Self { run in
      var record = nst_exit()
      record.hdr.time_ns = run.time
      record.task = run.id(tid)
      run.append(record, subject: run.subject(tid))
    }
  }
}

// MARK: - System calls

extension History.Step {
  static func clone(
    _ parent: UInt32, _ child: UInt32, _ inums: [NamespaceSlot: UInt32],
    op: nst_op = NST_OP_CLONE, nsid: UInt64 = 0
  ) -> Self {
    Self { run in
      var record = nst_clone()
      let place = run.task(parent).place.with(inums, nsid: nsid)
      run.bear(child, tgid: child, in: place)
      record.subject = run.subject(parent)
      record.call.op = op.rawValue
      record.call.result = Int64(child)
      // Kinds that the parent does not already hold for its children are those asked for.
      let held = run.task(parent).place.ids
      record.call.flags = Self.flags(
        of: inums.keys.filter { !held.contains(place[$0]) }.map(\.kind))
      let (container, cgroup) = (run.task(parent).container, run.task(parent).cgroup)
      run.change(child) { ($0.container, $0.cgroup) = (container, cgroup) }
      record.call.container = run.task(child).container
      record.child = run.id(child)
      record.set = place.wire
      run.append(record)
    }
  }

  static func unshare(
    _ tid: UInt32, _ inums: [NamespaceSlot: UInt32], nsid: UInt64 = 0
  ) -> Self {
    call(NST_OP_UNSHARE, tid, inums, flags: flags(of: inums.keys.map(\.kind)), nsid: nsid)
  }

  /// setns(2) with flags 0, which is always allowed: the descriptor determines the kind.
  static func setns(
    _ tid: UInt32, _ inums: [NamespaceSlot: UInt32], flags: UInt64 = 0, nsid: UInt64 = 0
  ) -> Self {
    call(NST_OP_SETNS, tid, inums, flags: flags, nsid: nsid)
  }

  /// The kernel refuses a call for some kinds. `inums` holds what has changed besides.
  static func refused(
    _ op: nst_op, _ tid: UInt32, _ kinds: [NamespaceKind], but inums: [NamespaceSlot: UInt32] = [:]
  ) -> Self {
    call(op, tid, inums, flags: flags(of: kinds), result: -1)
  }

  static func call(
    _ op: nst_op, _ tid: UInt32, _ inums: [NamespaceSlot: UInt32], flags: UInt64,
    result: Int64 = 0, nsid: UInt64 = 0
  ) -> Self {
    Self { run in
      var record = nst_switch()
      run.change(tid) { $0.place = $0.place.with(inums, nsid: nsid) }
      record.subject = run.subject(tid)
      record.call.op = op.rawValue
      record.call.result = result
      record.call.flags = flags
      record.call.container = run.task(tid).container
      record.set = run.task(tid).place.wire
      run.append(record)
    }
  }

  /// exec by the leader of a process with one thread.
  static func exec(
    _ tid: UInt32, _ inums: [NamespaceSlot: UInt32] = [:], exe: String = ""
  ) -> Self {
    Self { run in
      run.change(tid) { $0.place = $0.place.with(inums) }
      run.appendExec(tid, oldTid: tid, place: run.task(tid).place, exe: exe)
    }
  }

  /// exec by a thread, which then has its leader's tid and start time.
  static func exec(_ leader: UInt32, by thread: UInt32) -> Self {
    Self { run in
      let (place, container) = (run.task(thread).place, run.task(thread).container)
      run.change(leader) { ($0.place, $0.container) = (place, container) }
      run.appendExec(leader, oldTid: thread, place: place, exe: "")
    }
  }

  static func flags(of kinds: [NamespaceKind]) -> UInt64 {
    kinds.reduce(0) { $0 | $1.cloneFlag }
  }
}

// MARK: - The stream about itself

extension History.Step {
  static func lost(
    _ count: UInt32, _ kind: nst_kind = NST_KIND_FORK, since: UInt64 = 0, flags: Int32 = 0
  ) -> Self {
    Self { run in
      var record = nst_lost()
      record.count = count
      record.kind = kind.rawValue
      record.since_ns = since
      record.flags = UInt16(flags)
      run.append(record)
    }
  }

  /// Records of user 1000 in a cgroup were held back.
  static func suppressed(
    _ count: UInt32, _ kind: nst_kind = NST_KIND_SWITCH, uid: UInt32 = 1000, in cgroup: UInt64 = 1,
    since: UInt64 = 0
  ) -> Self {
    Self { run in
      var record = nst_suppressed()
      record.count = count
      record.kind = kind.rawValue
      record.since_ns = since
      (record.uid, record.cgroup_id) = (uid, cgroup)
      run.append(record)
    }
  }

  static func clock(offset: Int64) -> Self {
    Self { run in
      var record = nst_clock()
      record.realtime_offset_ns = offset
      run.append(record)
    }
  }

  /// A record of an unknown kind.
  static func kind(_ number: UInt16) -> Self {
    Self { $0.append(nst_clock(), kind: nst_kind(rawValue: number)) }
  }

  /// A step whose time differs from its position in the stream.
  static func at(_ time: UInt64, _ step: Self) -> Self {
    Self { run in
      let now = run.time
      run.time = time
      step.put(&run)
      run.time = now
    }
  }
}

// MARK: - Records

extension History {
  var time: UInt64 {
    get { now }
    set { now = newValue }
  }

  func task(_ tid: UInt32) -> Task {
    tasks[tid] ?? Task(startNs: UInt64(tid % 10), tgid: tid, place: .initial)
  }

  mutating func change(
    _ tid: UInt32, start: UInt64? = nil, tgid: UInt32? = nil, _ body: (inout Task) -> Void
  ) {
    var task = task(tid)
    if let start { task.startNs = start }
    if let tgid { task.tgid = tgid }
    body(&task)
    tasks[tid] = task
  }

  fileprivate mutating func bear(
    _ tid: UInt32, start: UInt64? = nil, tgid: UInt32, in place: NamespacePlace
  ) {
    tasks[tid] = Task(startNs: start ?? now, tgid: tgid, place: place)
  }

  func id(_ tid: UInt32) -> nst_task_id {
    nst_task_id(start_ns: task(tid).startNs, tid: tid, tgid: task(tid).tgid)
  }

  func subject(_ tid: UInt32) -> nst_subject {
    var subject = nst_subject()
    subject.task = id(tid)
    subject.auid = .max
    subject.ses = .max
    subject.ppid = task(tid).ppid
    subject.flags = task(tid).hasNoNewPrivs ? UInt16(NST_SUBJECT_NO_NEW_PRIVS) : 0
    if task(tid).isCapable { subject.flags |= UInt16(NST_SUBJECT_AUDIT_CONTROL) }
    subject.seccomp = task(tid).seccomp
    withUnsafeMutableBytes(of: &subject.comm) { $0.copyBytes(from: task(tid).comm) }
    subject.cgroup_id = task(tid).cgroup
    return subject
  }

  mutating func append(
    _ record: some WireRecord & BitwiseCopyable, kind: nst_kind? = nil, tail: [UInt8] = []
  ) {
    var record = record
    record.hdr.time_ns = now
    encoder.append(record, kind: kind ?? type(of: record).wireKind, tail: tail)
  }

  fileprivate mutating func append(_ record: nst_exit, subject: nst_subject) {
    encoder.append(record, subject: subject)
  }

  mutating func appendTask(_ tid: UInt32, flags: UInt16, exe: String = "") {
    var record = nst_task()
    tasks[tid] = task(tid)
    record.hdr.flags = flags
    record.container = task(tid).container
    record.subject = subject(tid)
    record.set = task(tid).place.wire
    record.exe_bytes = UInt16(exe.utf8.count)
    append(record, tail: Array(exe.utf8))
  }

  fileprivate mutating func appendFork(
    _ parent: UInt32, _ child: UInt32, start: UInt64?, tgid: UInt32, flags: UInt16 = 0
  ) {
    var record = nst_fork()
    record.hdr.flags = flags
    bear(child, start: start, tgid: tgid, in: task(parent).place)
    record.child = id(child)
    record.parent_tid = parent
    record.container = task(parent).container
    let mother = task(parent)
    change(child) {
      ($0.container, $0.cgroup) = (record.container, mother.cgroup)
      ($0.hasNoNewPrivs, $0.seccomp) = (mother.hasNoNewPrivs, mother.seccomp)
    }
    append(record)
  }

  fileprivate mutating func appendExec(
    _ tid: UInt32, oldTid: UInt32, place: NamespacePlace, exe: String
  ) {
    var record = nst_exec()
    record.subject = subject(tid)
    record.call.op = NST_OP_EXEC.rawValue
    record.call.container = task(tid).container
    record.old_tid = oldTid
    record.set = place.wire
    record.exe_bytes = UInt16(exe.utf8.count)
    append(record, tail: Array(exe.utf8))
  }
}
