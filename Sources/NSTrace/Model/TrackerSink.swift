// SPDX-License-Identifier: Apache-2.0

/// Takes a tracker's events, and the reports about freed namespaces that release held events.
package protocol TrackerSink: AuditEventSink, ~Copyable {
  mutating func hear(_ notice: FreeingNotice)
}

extension TrackerSink where Self: ~Copyable {
  package mutating func hear(_ notice: FreeingNotice) {}
}
