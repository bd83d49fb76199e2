// SPDX-License-Identifier: Apache-2.0

/// How an output fares.
package struct OutputState {
  /// The error that its file is in; nil: none.
  package var failure: SystemError?
  /// Whether the file takes nothing any more.
  package var isClosed: Bool
  /// Whether records are left out.
  package var hasGap: Bool
  /// Whether the file takes records now.
  package var works: Bool
  /// Whether the run is to end: the log is full.
  package var endsRun: Bool
  /// The number of records that were left out in this run.
  package var missing: UInt64
  /// The number of records that were written.
  package var records: UInt64
  /// What poll(2) is to watch until the file can be written to; nil: nothing.
  package var awaited: Int32?

  package init(
    failure: SystemError?, isClosed: Bool, hasGap: Bool, works: Bool = true, endsRun: Bool = false,
    missing: UInt64, records: UInt64 = 0, awaited: Int32?
  ) {
    self.failure = failure
    self.isClosed = isClosed
    self.hasGap = hasGap
    self.works = works
    self.endsRun = endsRun
    self.missing = missing
    self.records = records
    self.awaited = awaited
  }

  /// Whether the file is tried again later.
  package var isFailing: Bool { failure != nil && !isClosed }
  /// Whether it cannot be expected to work again by itself.
  package var isDead: Bool { failure.map { isClosed || !$0.passes } ?? false }
}
