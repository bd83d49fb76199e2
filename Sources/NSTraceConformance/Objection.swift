// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// A reason against a registration; one is enough.
enum Objection: Hashable, CaseIterable {
  /// R1: the text is no ID, or the ID that means unset.
  case malformed
  /// R2, T7: the caller lacks the capability.
  case incapable
  /// R2: the caller would change its own ID.
  case itself
  /// R3: the target does not exist.
  case absent
  /// R6: the target has threads or children, and the request is for it alone.
  case family
  /// T18: the target has a registration, and the registrations are locked.
  case locked
  /// The kernel side failed.
  case failed

  // The position's own objections.

  /// The target carries an ID; where it may carry several: this ID, or as many as a list holds.
  case carried
  /// The ID is in use, and the position allows it to no second task, or not to one of this
  /// caller's.
  case used
  /// T2: the target, or a task that comes with it, uses a namespace that is stained.
  case stained
  /// T6: who asks for itself is inside a container, and would end its session by it.
  case inside
  /// T3: the target is not in the caller's containers.
  case outside
  /// T5: only sets of namespaces give IDs.
  case automatic
  /// T6: the caller chose the ID.
  case chosen
  /// T11: the ID has more than 32 bits.
  case wide

  /// The errno of a refusal for this reason (kernel-v11's audit_set_contid); for `failed` the
  /// kernel side's own.
  var errno: RegistrationError {
    switch self {
    case .malformed, .wide: .invalid
    case .incapable, .automatic, .chosen: .notPermitted
    case .absent: .noSuchTask
    case .family: .busy
    case .itself, .outside: .notDescendant
    case .carried, .stained, .inside, .locked: .exists
    case .used: .notUnique
    case .failed: .failed
    }
  }

  /// Of several reasons, a refusal gives the first in this order.
  static let order: [RegistrationError] = [
    .invalid, .notPermitted, .noSuchTask, .busy, .notDescendant, .exists, .notUnique, .noRoom,
    .failed,
  ]

  /// Whether the position objects, and not the RFC itself.
  var isOfPosition: Bool {
    switch self {
    case .malformed, .incapable, .itself, .absent, .family, .locked, .failed: false
    case .carried, .used, .stained, .inside, .outside, .automatic, .chosen, .wide: true
    }
  }
}
