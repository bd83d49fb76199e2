// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace
@testable import NSTraceConformance

/// A fault of the tracker or of the formats, and the clause that must break by it: a judge that cannot
/// condemn is worth nothing.
struct Mutation: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let breaks: Clause
  let fault: Fault
  /// Other clauses that may break by it, and why that is right.
  let also: [Clause: String]

  init(_ breaks: Clause, _ words: String, _ fault: Fault, also: [Clause: String] = [:]) {
    testDescription = "\(breaks.rawValue): \(words)"
    self.breaks = breaks
    self.fault = fault
    self.also = also
  }

  /// What the judges say when the tracker is so, and what was written under all positions.
  struct Outcome {
    var report: ConformanceReport
    var text: [UInt8]
  }

  /// - Parameter run: gives the whole stream, batch by batch; it is called once for each position.
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
      verdicts.merge(trial.verdicts) { $1 }
      written += trial.written
    }
    return Outcome(report: ConformanceReport(verdicts), text: written)
  }
}
