// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// Keeps events, and the freeing notices that come between them.
struct HearingSink: TrackerSink {
  enum Item {
    case event(AuditEvent)
    case notice(FreeingNotice)
  }

  private(set) var items: [Item] = []

  mutating func write(_ event: borrowing AuditEvent) { items.append(.event(copy event)) }
  mutating func hear(_ notice: FreeingNotice) { items.append(.notice(notice)) }
}
