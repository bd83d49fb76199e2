// SPDX-License-Identifier: Apache-2.0

/// The audit capabilities of a process that are effective in the initial user namespace.
package struct AuditCapabilities: OptionSet, Sendable {
  package let rawValue: UInt8

  /// CAP_AUDIT_CONTROL: it may register others, and read all IDs (R2, T7, T13).
  package static let control = AuditCapabilities(rawValue: 1)
  /// CAP_AUDIT_WRITE: under `random-only` it may register itself, and read its own ID (T6).
  package static let write = AuditCapabilities(rawValue: 2)

  package init(rawValue: UInt8) { self.rawValue = rawValue }
}
