// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// A namespace of the model: an object, whatever number it has.
struct ModelNamespace: Hashable {
  var id: NamespaceID
  /// Who made it: the task that called unshare, or the child. Nil: it is the host's.
  var maker: Int?
  /// Its maker's call is one that no report comes of.
  var isUnreported = false
  var users: TaskMask = []
  /// All that ever used it.
  var everUsed: TaskMask = []
  /// Descriptors, calls under way, children that nobody can see yet, tasks that are being taken down.
  var holders = 0
  /// How often its last user has left it.
  var gaps = 0
  var isFreed = false

  init(_ id: NamespaceID, maker: Int?) { (self.id, self.maker) = (id, maker) }
}
