// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// One of the namespaces that had one identity, one after the other: where the kernel has no ns_id, an
/// inode number is given again as soon as it is free.
struct Instance: Hashable {
  var id: NamespaceID
  /// How many there were before.
  var generation = 0
}
