// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace
@testable import NSTraceConformance

/// A tracker with a fault around it, before its judges.
struct FaultyTrial: EffectWitness, EachRecord, ~Copyable {
  private var recorder: EvidenceRecorder
  private let court: Court

  /// The judges, and the evidence that they get.
  private final class Court {
    let bench: Bench
    let fault: Fault
    var scribe = Scribe()
    /// The record as it is in the stream.
    var raw = RawRecord.unknown(nst_header())
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

  /// All text that was written.
  var written: [UInt8] { court.written }

  mutating func observe(_ record: RawRecord) {
    court.raw = record
    var record: RawRecord? = record
    if case .input(let change) = court.fault { change(&record) }
    if let record { record.deliver(to: &recorder) } else { court.hear([]) }
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
