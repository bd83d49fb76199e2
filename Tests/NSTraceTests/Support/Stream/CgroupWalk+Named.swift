// SPDX-License-Identifier: Apache-2.0

@testable import NSTraceLive

extension CgroupWalk.Found {
  /// A cgroup of v2.
  static func named(_ path: String, _ id: UInt64, in parent: UInt64 = 0) -> Self {
    Self(id: id, parentID: parent, hierarchy: 0, path: Array(path.utf8))
  }

  static func named(_ path: String, _ id: Int) -> Self { named(path, UInt64(id)) }
}
