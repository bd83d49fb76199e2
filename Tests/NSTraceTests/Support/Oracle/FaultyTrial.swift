// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace
@testable import NSTraceConformance

/// A tracker with a fault around it, before its judges.
struct FaultyTrial: EffectWitness, ~Copyable {
  private var recorder: EvidenceRecorder
  private let court: Court

  /// What the judges hear.
  private final class Court {
    let bench: Bench
    let fault: Fault
    var scribe = Scribe()
    /// The record as it stands in the stream.
    var raw = RawRecord.other
    var written: [UInt8] = []

    init(_ position: Position, _ fault: Fault) {
      bench = Bench(position)
      self.fault = fault
    }

    func hear(_ said: [AuditEvent]) {
      var events = said
      if case .events(let change) = fault, !events.isEmpty { change(&events) }
      var text = scribe.write(events)
      if case .audit(let change) = fault { Self.change(&text.audit, change) }
      if case .json(let change) = fault { Self.change(&text.json, change) }
      written += text.audit + text.json
      bench.weigh(raw, text)
    }

    private static func change(_ text: inout [UInt8], _ change: (inout String) -> Void) {
      var string = String(decoding: text, as: UTF8.self)
      change(&string)
      text = Array(string.utf8)
    }
  }

  init(of position: Position, _ fault: Fault) {
    var policy = position.policy
    if case .policy(position, let other) = fault { policy = other }
    let court = Court(position, fault)
    self.court = court
    recorder = EvidenceRecorder(under: policy, position.options) { court.hear($1) }
  }

  var verdicts: [Clause: Verdict] { court.bench.verdicts }

  /// All that was written.
  var written: [UInt8] { court.written }

  private mutating func deliver(_ event: StreamEvent) {
    court.raw = RawRecord(event)
    var event: StreamEvent? = event
    if case .input(let change) = court.fault { change(&event) }
    if let event { event.deliver(to: &recorder) } else { court.hear([]) }
  }
}

extension RawRecord {
  fileprivate init(_ event: StreamEvent) {
    self =
      switch event {
      case .host(let event): .host(event)
      case .fork(let event): .fork(event)
      case .exit(let event, let subject): .exit(event, subject: subject)
      case .task(let event, _): .task(event)
      case .clone(let event): .clone(event)
      case .switchNamespaces(let event): .change(event)
      case .exec(let event, _): .exec(event)
      case .freed(let event): .freed(event)
      case .snapshotBegin: .snapshotBegin
      case .snapshotEnd: .snapshotEnd
      case .lost: .lost
      case .confined(let event): .confined(event)
      case .member(let event): .member(event)
      case .register(let event, let name): .register(event, name: name)
      case .cgroup(let event, let path): .cgroup(event, path: path)
      case .cgroupIn(let event, let name): .cgroupIn(event, name: name)
      case .attach(let event): .attach(event)
      case .pinned, .users, .clock, .unknown: .other
      }
  }
}

// MARK: - Which reports are explained

extension FaultyTrial {
  var declines: Bool {
    get { recorder.declines }
    set { recorder.declines = newValue }
  }

  var hasDeclined: Bool { recorder.hasDeclined }

  mutating func takeDeclined() -> [NamespaceID] { recorder.takeDeclined() }

  func unexplained(_ task: nst_task_id, in set: nst_set) -> [NamespaceID] {
    recorder.unexplained(task, in: set)
  }
}

// MARK: - Records

extension FaultyTrial {
  mutating func fork(_ event: nst_fork) { deliver(.fork(event)) }

  mutating func exit(_ event: nst_exit, subject: nst_subject?) { deliver(.exit(event, subject)) }

  mutating func task(_ event: nst_task, exe: RawSpan) { deliver(.task(event, exe: [UInt8](exe))) }

  mutating func clone(_ event: nst_clone, proctitle: RawSpan) { deliver(.clone(event)) }

  mutating func switchNamespaces(_ event: nst_switch, proctitle: RawSpan) {
    deliver(.switchNamespaces(event))
  }

  mutating func exec(_ event: nst_exec, exe: RawSpan, proctitle: RawSpan) {
    deliver(.exec(event, exe: [UInt8](exe)))
  }

  mutating func cgroup(_ event: nst_cgroup, path: RawSpan) {
    deliver(.cgroup(event, path: [UInt8](path)))
  }

  mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan) {
    deliver(.cgroupIn(event, name: [UInt8](name)))
  }

  mutating func confined(_ event: nst_confined) { deliver(.confined(event)) }

  mutating func attach(_ event: nst_attach) { deliver(.attach(event)) }

  mutating func freed(_ event: nst_freed) { deliver(.freed(event)) }

  mutating func pinned(_ event: nst_pinned) { deliver(.pinned(event)) }

  mutating func users(_ event: nst_users) { deliver(.users(event)) }

  mutating func host(_ event: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan) {
    deliver(.host(event))
  }

  mutating func clock(_ event: nst_clock) { deliver(.clock(event)) }

  mutating func snapshotBegin(_ event: nst_snapshot) { deliver(.snapshotBegin(event)) }

  mutating func snapshotEnd(_ event: nst_snapshot) { deliver(.snapshotEnd(event)) }

  mutating func lost(_ event: nst_lost) { deliver(.lost(event)) }

  mutating func member(_ event: nst_member) { deliver(.member(event)) }

  mutating func register(_ event: nst_register, name: RawSpan) {
    deliver(.register(event, name: [UInt8](name)))
  }

  mutating func unknown(_ header: nst_header) { deliver(.unknown(header)) }
}
