// SPDX-License-Identifier: Apache-2.0

/// The content of an AUDIT_LOST record.
struct AuditLoss: Equatable {
  /// NST_AUDIT_LOST_*.
  var place: Int32
  var count: UInt32
  /// No record from before this time is missing: CLOCK_BOOTTIME, nanoseconds.
  var sinceNs: UInt64
}
