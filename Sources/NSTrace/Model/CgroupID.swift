// SPDX-License-Identifier: Apache-2.0

/// A cgroup: the id of its kernfs node, which is never reused, and its hierarchy.
package struct CgroupID: Hashable, Comparable, BitwiseCopyable, Sendable {
  /// 0: v2.
  package var hierarchy: UInt32
  /// The inode number of its directory.
  package var id: UInt64

  /// The id of each hierarchy's root.
  package static let root: UInt64 = 1

  package init(hierarchy: UInt32, id: UInt64) {
    self.hierarchy = hierarchy
    self.id = id
  }

  package static func < (a: CgroupID, b: CgroupID) -> Bool {
    (a.hierarchy, a.id) < (b.hierarchy, b.id)
  }
}
