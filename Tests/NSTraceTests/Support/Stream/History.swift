// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceConformance

/// A short history of tasks and their namespaces, put into wire records, decoded and tracked.
///
///     let run = History(.snapshot(1), .fork(1, 2), .unshare(2, [.uts: 101]), .exit(2))
///     #expect(run.lines == ["create unshare uts 2: 101 <- 2", "destroy exit uts 2: 101"])
///
/// Times are 10, 20, 30 … by step, unless `.at` gives another. Each step keeps in mind where it
/// leaves its task, so that the next says only what changes.
struct History {
  struct Step: Sendable {
    let put: @Sendable (inout History) -> Void
  }

  struct Task {
    var startNs: UInt64
    var tgid: UInt32
    var place: NamespacePlace
    /// The number of its registration.
    var container: UInt32 = 0
    /// What records about it say.
    var ppid: UInt32 = 0
    var comm: [UInt8] = []
    var hasNoNewPrivs = false
    var isCapable = false
    var seccomp: UInt16 = 0
    /// In v2.
    var cgroup: UInt64 = 0
  }

  private var encoder = RecordEncoder()
  private var tasks: [UInt32: Task] = [:]
  private var now: UInt64 = 0

  /// The number of the registration that came last.
  var registrations: UInt32 = 0

  /// The records of each step, as bytes.
  private(set) var steps: [[UInt8]] = []
  private(set) var events: [ObservedEvent] = []
  private let followed: Followed

  /// What was followed to the end: a tracker has its memory for itself, copies of a history share it.
  private final class Followed {
    var tracker: Tracker<CollectingSink>

    init(_ tracker: consuming Tracker<CollectingSink>) { self.tracker = tracker }
  }

  var state: NamespaceState { _read { yield followed.tracker.state } }
  var counters: TrackerCounters { followed.tracker.counters }

  /// - Parameter policy: what registrations are judged by.
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
    events = followed.tracker.sink.events
  }

  /// The records of one more step, which nobody tracks.
  mutating func records(of step: Step) -> [UInt8] {
    now += 10
    encoder.removeAll()
    step.put(&self)
    return encoder.bytes
  }

  /// A line for each record.
  var lines: [String] { events.flatMap(\.lines) }

  /// What a task carries, as `contid=` prints it.
  func contid(_ tid: UInt32) -> String { "\(state.containers(of: tid))" }

  /// The tids of the tasks that are known.
  var tids: [UInt32] { state.tasks.sorted.map(\.tid) }

  /// The namespaces in use other than the host's own, as `uts 101`.
  var namespaces: [String] {
    state.namespaces.sorted.filter { $0.id.inum > 8 || $0.id.nsid != 0 }
      .map { "\($0.id.kind) \($0.id.text)" }
  }

  /// Where a task is; nil: nobody knows.
  func place(of tid: UInt32) -> NamespacePlace? {
    guard let task = state.taskSummaries.first(where: { $0.tid == tid }) else { return nil }
    var place = NamespacePlace.initial
    for slot in NamespaceSlot.allCases { place[slot] = task.namespaces[slot.rawValue] }
    return place
  }

  /// The generation of a namespace in use, or remembered.
  func generation(_ kind: NamespaceKind, _ inum: UInt32, nsid: UInt64 = 0) -> UInt32? {
    state.namespaces.find(NamespaceID(kind: kind, inum: inum, nsid: nsid))
      .map { state.namespaces[$0].generation }
  }
}

// MARK: - Tasks

extension History.Step {
  /// The whole of a snapshot, of tasks where the steps so far have left them, or else in the host's
  /// own namespaces.
  static func snapshot(_ tids: UInt32...) -> Self {
    Self { run in
      Self.begin.put(&run)
      for tid in tids { Self.seen(tid).put(&run) }
      Self.end.put(&run)
    }
  }

  static let begin = Self { $0.append(nst_snapshot()) }
  static let end = Self { $0.append(nst_snapshot(), kind: NST_KIND_SNAPSHOT_END) }

  /// A task in a snapshot, where the steps so far have left it.
  static func seen(_ tid: UInt32, exe: String = "") -> Self {
    Self { $0.appendTask(tid, flags: 0, exe: exe) }
  }

  /// A task in a snapshot, in the host's namespaces but for some.
  static func seen(
    _ tid: UInt32, _ inums: [NamespaceSlot: UInt32], start: UInt64? = nil, tgid: UInt32? = nil,
    nsid: UInt64 = 0
  ) -> Self {
    Self { run in
      run.change(tid, start: start, tgid: tgid) { $0.place = .initial.with(inums, nsid: nsid) }
      run.appendTask(tid, flags: 0)
    }
  }

  /// The kernel side has found that a task moved where no hook saw it.
  static func late(_ tid: UInt32, _ inums: [NamespaceSlot: UInt32]) -> Self {
    Self { run in
      run.change(tid) { $0.place = $0.place.with(inums) }
      run.appendTask(tid, flags: UInt16(NST_FLAG_LATE))
    }
  }

  static func fork(_ parent: UInt32, _ child: UInt32, start: UInt64? = nil) -> Self {
    Self { $0.appendFork(parent, child, start: start, tgid: child) }
  }

  /// From 1.4 on it says how the parent is confined by then, and the child with it.
  static func forkAsConfined(_ parent: UInt32, _ child: UInt32) -> Self {
    Self { run in
      let task = run.task(parent)
      let flags =
        NST_FLAG_CONFINEMENT | (task.hasNoNewPrivs ? NST_FLAG_NO_NEW_PRIVS : 0)
        | Int32(task.seccomp) << NST_FLAG_SECCOMP_SHIFT
      run.appendFork(parent, child, start: nil, tgid: child, flags: UInt16(flags))
    }
  }

  /// prctl(2) and seccomp(2), of which no record tells.
  static func confine(
    _ tid: UInt32, hasNoNewPrivs: Bool = true, seccomp: UInt16 = 0
  ) -> Self {
    Self { run in
      run.change(tid) { ($0.hasNoNewPrivs, $0.seccomp) = (hasNoNewPrivs, seccomp) }
    }
  }

  /// Somebody has asked how the task is confined.
  static func confined(_ tid: UInt32) -> Self {
    Self { run in
      var record = nst_confined()
      record.task = run.id(tid)
      (record.flags, record.seccomp) = (run.subject(tid).flags, run.task(tid).seccomp)
      run.append(record)
    }
  }

  /// A thread of the parent's process.
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

  /// The long form, which says who it was.
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
      // Asked for is what the parent does not hold for its children already.
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

  /// Its flags are 0, which is always allowed: the descriptor says which kind it is.
  static func setns(
    _ tid: UInt32, _ inums: [NamespaceSlot: UInt32], flags: UInt64 = 0, nsid: UInt64 = 0
  ) -> Self {
    call(NST_OP_SETNS, tid, inums, flags: flags, nsid: nsid)
  }

  /// A call for some kinds that the kernel refused. Whatever else has changed is in `inums`.
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

  /// By the leader of a process of one thread.
  static func exec(
    _ tid: UInt32, _ inums: [NamespaceSlot: UInt32] = [:], exe: String = ""
  ) -> Self {
    Self { run in
      run.change(tid) { $0.place = $0.place.with(inums) }
      run.appendExec(tid, oldTid: tid, place: run.task(tid).place, exe: exe)
    }
  }

  /// By a thread, which from then on has its leader's tid and start time.
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

  static func clock(offset: Int64) -> Self {
    Self { run in
      var record = nst_clock()
      record.realtime_offset_ns = offset
      run.append(record)
    }
  }

  /// A record of a kind that nobody knows.
  static func kind(_ number: UInt16) -> Self {
    Self { $0.append(nst_clock(), kind: nst_kind(rawValue: number)) }
  }

  /// A step that happened at another time than it stands in the stream.
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
