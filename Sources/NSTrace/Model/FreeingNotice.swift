// SPDX-License-Identifier: Apache-2.0

/// What a stream says of namespaces that nobody uses any more, beside its events.
package enum FreeingNotice: Equatable, Sendable {
  /// Whether it says what becomes of them at all (NST_HOOK_FREED, NST_HOOK_NSFS).
  case answers(Bool)
  /// The number of a namespace, or of an entry of proc, is about to be given to others.
  case freed(inum: UInt32)
  /// Whether something holds this namespace; nil: that could not be found out.
  case answer(NamespaceID, isPinned: Bool?)
  /// Whether records are missing, until a snapshot is complete.
  case unsure(Bool)
}
