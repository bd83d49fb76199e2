// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace
@testable import NSTraceConformance

/// A fault of the tracker or of the formats, and the clause that it must break. It shows that the
/// clause's judge finds faults at all.
struct Mutation: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let breaks: Clause
  let fault: Fault
  /// Other clauses that the fault may break, with the reason.
  let also: [Clause: String]

  init(_ breaks: Clause, _ words: String, _ fault: Fault, also: [Clause: String] = [:]) {
    testDescription = "\(breaks.rawValue): \(words)"
    self.breaks = breaks
    self.fault = fault
    self.also = also
  }

  /// The verdicts on the faulty tracker, and what was written under all positions.
  struct Outcome {
    var report: ConformanceReport
    var text: [UInt8]
  }

  /// - Parameter run: gives the whole stream, batch by batch; called once for each position.
  static func outcome(
    of fault: Fault,
    _ run: (_ give: (borrowing RecordBatch) throws(WireError) -> Void) throws -> Void
  ) throws -> Outcome {
    var verdicts: [Clause: Verdict] = [:]
    var written: [UInt8] = []
    for position in Position.allCases {
      var trial = FaultyTrial(of: position, fault)
      var order = EffectOrder()
      try run { (batch) throws(WireError) in try order.process(batch, into: &trial) }
      try order.release(into: &trial)
      verdicts.merge(trial.verdicts) { $0.and($1) }
      written += trial.written
    }
    return Outcome(report: ConformanceReport(verdicts), text: written)
  }
}
