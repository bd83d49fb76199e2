// SPDX-License-Identifier: Apache-2.0

/// What the tracker writes to: it also gives what is no event, to whoever holds events back for it.
package protocol TrackerSink: AuditEventSink, ~Copyable {
  mutating func hear(_ notice: FreeingNotice)
}

extension TrackerSink where Self: ~Copyable {
  package mutating func hear(_ notice: FreeingNotice) {}
}
