// SPDX-License-Identifier: Apache-2.0

/// The content of a LOST record.
struct RecordLoss: Equatable {
  /// The kind of the missing records, `enum nst_kind`.
  var kind: UInt16
  /// How many records are missing.
  var count: UInt64
  /// NST_LOST_*; 0: the ring was full.
  var flags: UInt16 = 0
  /// No record from before this time is missing: CLOCK_BOOTTIME, nanoseconds; 0: not known.
  var sinceNs: UInt64
}
