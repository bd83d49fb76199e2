// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// Runs the tracker that is judged, and sets beside each raw record what it said because of it.
struct EvidenceRecorder: EffectWitness, ~Copyable {
  private var tracker: Tracker<Said>
  private let receive: (RawRecord, [AuditEvent]) -> Void

  /// - Parameter receive: gets each raw record with its events, in the order of the stream.
  init(
    under policy: any ContainerPolicy, _ options: TrackerOptions,
    receive: @escaping (RawRecord, [AuditEvent]) -> Void
  ) {
    tracker = Tracker(sink: Said(), policy: policy, options: options)
    self.receive = receive
  }

  private struct Said: AuditEventSink {
    var events: [AuditEvent] = []

    mutating func write(_ event: borrowing AuditEvent) { events.append(copy event) }
  }

  var declines: Bool {
    get { tracker.declines }
    set { tracker.declines = newValue }
  }

  var hasDeclined: Bool { tracker.hasDeclined }

  mutating func takeDeclined() -> [NamespaceID] { tracker.takeDeclined() }

  func unexplained(_ task: nst_task_id, in set: nst_set) -> [NamespaceID] {
    tracker.unexplained(task, in: set)
  }

  /// Wire records that the stream says are missing.
  var lost: UInt64 { tracker.counters.lost }

  private mutating func hand(_ raw: RawRecord) {
    let events = tracker.sink.events
    tracker.sink.events.removeAll()
    receive(raw, events)
  }
}

extension EvidenceRecorder {
  mutating func fork(_ event: nst_fork) {
    tracker.fork(event)
    hand(.fork(event))
  }

  mutating func exit(_ event: nst_exit, subject: nst_subject?) {
    tracker.exit(event, subject: subject)
    hand(.exit(event, subject: subject))
  }

  mutating func task(_ event: nst_task, exe: RawSpan) {
    tracker.task(event, exe: exe)
    if hasDeclined { return }
    hand(.task(event))
  }

  mutating func clone(_ event: nst_clone, proctitle: RawSpan) {
    tracker.clone(event, proctitle: proctitle)
    hand(.clone(event))
  }

  mutating func switchNamespaces(_ event: nst_switch, proctitle: RawSpan) {
    tracker.switchNamespaces(event, proctitle: proctitle)
    if hasDeclined { return }
    hand(.change(event))
  }

  mutating func exec(_ event: nst_exec, exe: RawSpan, proctitle: RawSpan) {
    tracker.exec(event, exe: exe, proctitle: proctitle)
    hand(.exec(event))
  }

  mutating func cgroup(_ event: nst_cgroup, path: RawSpan) {
    tracker.cgroup(event, path: path)
    hand(.cgroup(event, path: [UInt8](path)))
  }

  mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan) {
    tracker.cgroup(event, name: name)
    hand(.cgroupIn(event, name: [UInt8](name)))
  }

  mutating func attach(_ event: nst_attach) {
    tracker.attach(event)
    hand(.attach(event))
  }

  mutating func freed(_ event: nst_freed) {
    tracker.freed(event)
    hand(.freed(event))
  }

  mutating func pinned(_ event: nst_pinned) {
    tracker.pinned(event)
    hand(.other)
  }

  mutating func users(_ event: nst_users) {
    tracker.users(event)
    hand(.other)
  }

  mutating func confined(_ event: nst_confined) {
    tracker.confined(event)
    hand(.confined(event))
  }

  mutating func host(_ event: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan) {
    tracker.host(event, release: release, hostname: hostname, version: version)
    hand(.host(event))
  }

  mutating func clock(_ event: nst_clock) {
    tracker.clock(event)
    hand(.other)
  }

  mutating func snapshotBegin(_ event: nst_snapshot) {
    tracker.snapshotBegin(event)
    hand(.snapshotBegin)
  }

  mutating func snapshotEnd(_ event: nst_snapshot) {
    tracker.snapshotEnd(event)
    hand(.snapshotEnd)
  }

  mutating func lost(_ event: nst_lost) {
    tracker.lost(event)
    hand(.lost)
  }

  mutating func member(_ event: nst_member) {
    tracker.member(event)
    hand(.member(event))
  }

  mutating func register(_ event: nst_register, name: RawSpan) {
    tracker.register(event, name: name)
    hand(.register(event, name: [UInt8](name)))
  }

  mutating func unknown(_ header: nst_header) {
    tracker.unknown(header)
    hand(.other)
  }
}
