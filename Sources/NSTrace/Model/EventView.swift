// SPDX-License-Identifier: Apache-2.0

/// What a container's copy of an event hides (docs/routes.md). The formats write `?` for it, or nothing in
/// JSON.
package struct EventView: Hashable, Sendable {
  /// Whether the subject is a task of the container, or of one nested in it. The credentials, the name
  /// and the arguments of others are hidden.
  package var ownsSubject: Bool
  /// Whether the event has no SYSCALL record.
  package var omitsCall: Bool
  /// Whether the event has no CONTAINER_ID records.
  package var omitsMentions: Bool

  package init(ownsSubject: Bool, omitsCall: Bool = false, omitsMentions: Bool = false) {
    self.ownsSubject = ownsSubject
    self.omitsCall = omitsCall
    self.omitsMentions = omitsMentions
  }
}

extension AuditEvent {
  /// Whether a copy hides what belongs to the host.
  var isView: Bool { view != nil }
  /// Whether a copy hides the subject, too.
  var hidesSubject: Bool { view.map { !$0.ownsSubject } ?? false }
  /// Whether the SYSCALL record is left out.
  var omitsCall: Bool { view?.omitsCall ?? false }
}
