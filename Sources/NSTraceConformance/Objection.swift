// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// What speaks against a registration, each enough alone.
enum Objection: Hashable, CaseIterable {
  /// R1: it is no ID, or the one that means unset.
  case malformed
  /// R2, T7: the caller lacks the capability.
  case incapable
  /// R2: the caller would change its own ID.
  case itself
  /// R3: there is no such task.
  case absent
  /// R6: the target has threads or children, and is to be moved alone.
  case family
  /// The kernel side could not do it.
  case failed

  // The position's.

  /// The target carries an ID, or this one where it may carry several.
  case carried
  /// The ID is in use, and the position gives it to no second task, or not to this caller's.
  case used
  /// T3: the target is not in the caller's containers.
  case outside
  /// T5: IDs come from sets of namespaces.
  case automatic
  /// T6: the caller chose it.
  case chosen
  /// T11: it has more than 32 bits.
  case wide

  /// The errno of a refusal for it (kernel-v11's audit_set_contid); of `failed` the kernel side's own.
  var errno: RegistrationError {
    switch self {
    case .malformed, .wide: .invalid
    case .incapable, .automatic, .chosen: .notPermitted
    case .absent: .noSuchTask
    case .family: .busy
    case .itself, .outside: .notDescendant
    case .carried: .exists
    case .used: .notUnique
    case .failed: .failed
    }
  }

  /// Of several reasons the first in this order is given.
  static let order: [RegistrationError] = [
    .invalid, .notPermitted, .noSuchTask, .busy, .notDescendant, .exists, .notUnique, .failed,
  ]

  /// The position objects, and not the RFC itself.
  var isOfPosition: Bool {
    switch self {
    case .malformed, .incapable, .itself, .absent, .family, .failed: false
    case .carried, .used, .outside, .automatic, .chosen, .wide: true
    }
  }
}
