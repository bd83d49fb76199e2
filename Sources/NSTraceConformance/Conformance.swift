// SPDX-License-Identifier: Apache-2.0

public import NSTrace

/// Judges what is printed of a stream against the clauses of the RFC and its thread.
///
/// The records are those that the tracker prints; what they are judged by is a reading of its own
/// (`Reading`), straight from the clauses. A position that is a policy is judged under that policy,
/// so the stream is run once for each.
///
///     let report = try Conformance.report { give in
///       while try source.next(into: &batch) == .records { try give(batch) }
///     }
public enum Conformance {
  /// - Parameter run: gives the whole stream, batch by batch; it is called once for each policy.
  /// - Throws: what `run` throws.
  public static func report<Failure: Error>(
    _ run: (_ give: (borrowing RecordBatch) throws(WireError) -> Void) throws(Failure) -> Void
  ) throws(Failure) -> ConformanceReport {
    var verdicts: [Clause: Verdict] = [:]
    var lost: UInt64 = 0
    for position in Position.allCases {
      let trial = Trial(of: position)
      try run { (batch) throws(WireError) in try trial.process(batch) }
      // Damage in what is held back has been thrown when it was read, or lies behind its end.
      try? trial.release()
      verdicts.merge(trial.verdicts) { $1 }
      lost = trial.lost
    }
    return ConformanceReport(verdicts, lost: lost)
  }
}
