// SPDX-License-Identifier: Apache-2.0

/// A report in the stream about namespaces that no task uses, beside its events.
package enum FreeingNotice: Equatable, Sendable {
  /// Whether the stream has such reports at all (NST_HOOK_FREED, NST_HOOK_NSFS).
  case answers(Bool)
  /// The number of a namespace, or of an entry of proc, is free for reuse.
  case freed(inum: UInt32)
  /// Whether something holds this namespace; nil: that could not be found out.
  case answer(NamespaceID, isPinned: Bool?)
  /// Whether records are missing, until a snapshot is complete.
  case unsure(Bool)
}
