// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// One namespace of those that had the same identity in turn. Where the kernel has no ns_id, it
/// gives an inode number again as soon as it is free.
struct Instance: Hashable {
  var id: NamespaceID
  /// How many namespaces had the identity before.
  var generation = 0
}
