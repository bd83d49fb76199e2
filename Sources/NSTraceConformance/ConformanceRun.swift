// SPDX-License-Identifier: Apache-2.0

public import NSTrace

/// Judges a stream that comes by once, under all positions side by side.
///
/// What it keeps is, for each position, the tracker's state and as much again for the reading of its
/// own, and grows besides with each granted registration (what it gave, its name), with each
/// pair of container and cgroup, and with each serial that broke a clause.
public final class ConformanceRun: RecordTap {
  private let trials = Position.allCases.map(Trial.init)

  /// A run that has read nothing yet.
  public init() {}

  /// - Throws: `WireError`; what stood before the damage has been judged, under some positions.
  public func take(_ batch: borrowing RecordBatch) throws(WireError) {
    for trial in trials { try trial.process(batch) }
  }

  /// Judges what is held back: the stream is over.
  /// - Throws: `WireError`; what stood before the damage has been judged, under some positions.
  public func release() throws(WireError) {
    for trial in trials { try trial.release() }
  }

  /// The verdicts on what was read by now.
  public var report: ConformanceReport {
    ConformanceReport(
      trials.reduce(into: [:]) { $0.merge($1.verdicts) { $1 } }, lost: trials[0].lost)
  }
}
