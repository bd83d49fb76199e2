// SPDX-License-Identifier: Apache-2.0

public import NSTrace

/// Judges what the tracker prints of a stream by the clauses of the RFC and its thread.
///
/// The tracker's records are compared with a second reading of the stream (`Reading`), made from
/// the clauses alone. A position that is a policy is judged under that policy, so the stream is run
/// once for each.
///
///     let report = try Conformance.report { give in
///       while try source.next(into: &batch) == .records { try give(batch) }
///     }
public enum Conformance {
  /// Judges the stream that `run` gives.
  /// - Parameter run: gives the whole stream, batch by batch; called once for each policy.
  /// - Throws: what `run` throws.
  public static func report<Failure: Error>(
    _ run: (_ give: (borrowing RecordBatch) throws(WireError) -> Void) throws(Failure) -> Void
  ) throws(Failure) -> ConformanceReport {
    var verdicts: [Clause: Verdict] = [:]
    var lost: UInt64 = 0
    for position in Position.allCases {
      let trial = Trial(of: position)
      try run { (batch) throws(WireError) in try trial.process(batch) }
      // Damage in held records was thrown when they were read, or lies behind the stream's end.
      try? trial.release()
      verdicts.merge(trial.verdicts) { $0.and($1) }
      lost = trial.lost
    }
    return ConformanceReport(verdicts, lost: lost)
  }
}
