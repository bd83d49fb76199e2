// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// A namespace of the model: an object, apart from its number.
struct ModelNamespace: Hashable {
  var id: NamespaceID
  /// The task that called unshare, or the child that clone made; nil: the namespace is the host's.
  var maker: Int?
  /// Whether no record reports the maker's call.
  var isUnreported = false
  var users: TaskMask = []
  /// All tasks that have ever used the namespace.
  var everUsed: TaskMask = []
  /// References by descriptors, calls under way, children that cannot be found yet, and tasks that
  /// are being taken down.
  var holders = 0
  /// How often the last user has left.
  var gaps = 0
  var isFreed = false

  init(_ id: NamespaceID, maker: Int?) { (self.id, self.maker) = (id, maker) }
}
