// SPDX-License-Identifier: Apache-2.0

public import NSTrace

/// Judges a stream in one pass, under all positions side by side.
///
/// For each position it keeps the tracker's state, and as much again for the second reading. It
/// grows with each granted registration, with each pair of container and cgroup, and with each
/// serial that broke a clause.
public final class ConformanceRun: RecordTap {
  private let trials = Position.allCases.map(Trial.init)

  /// A run that has read nothing yet.
  public init() {}

  /// - Throws: `WireError`. What stood before the damage has been judged, under some positions.
  public func take(_ batch: borrowing RecordBatch) throws(WireError) {
    for trial in trials { try trial.process(batch) }
  }

  /// Judges the held records at the end of the stream.
  /// - Throws: `WireError`. What stood before the damage has been judged, under some positions.
  public func release() throws(WireError) {
    for trial in trials { try trial.release() }
  }

  /// The verdicts on what has been read so far.
  public var report: ConformanceReport {
    ConformanceReport(
      trials.reduce(into: [:]) { $0.merge($1.verdicts) { $0.and($1) } }, lost: trials[0].lost)
  }
}
