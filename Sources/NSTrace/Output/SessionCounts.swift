// SPDX-License-Identifier: Apache-2.0

/// How many records a container session has, by what was done (T4).
package struct SessionCounts: Equatable, Sendable {
  /// NS_CREATE that was granted.
  package var created: UInt64 = 0
  /// NS_CHANGE that was granted, with what it entered and left.
  package var changed: UInt64 = 0
  /// NS_DESTROY.
  package var destroyed: UInt64 = 0
  /// Refused calls, by kind, and registrations.
  package var refused: UInt64 = 0
  /// Registrations that it asked for.
  package var registered: UInt64 = 0

  package init() {}

  /// Adds the event's records of a session.
  mutating func add(_ event: borrowing AuditEvent, of session: UInt32) {
    for record in event.namespaces where record.session == session { add(record) }
    guard event.actorSession == session else { return }
    for record in event.containers where record.verb == .set {
      if record.granted { registered += 1 } else { refused += 1 }
    }
  }

  private mutating func add(_ record: NamespaceRecord) {
    if !record.granted { return refused += 1 }
    switch record.verb {
    case .create: created += 1
    case .change: changed += 1
    case .destroy: destroyed += 1
    }
  }
}
