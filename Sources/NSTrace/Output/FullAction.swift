// SPDX-License-Identifier: Apache-2.0

/// What becomes of a log that its file system has no room for: auditd's `disk_full_action`.
package enum FullAction: String, CaseIterable, Sendable {
  /// Records are left out, and counted, until there is room again.
  case ignore
  /// Its oldest segment is removed; if there is none, as `ignore`.
  case rotate
  /// The run ends.
  case stop
}
