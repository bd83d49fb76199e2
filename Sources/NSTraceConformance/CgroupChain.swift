// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The names of a cgroup and of those that it is in.
struct CgroupChain: Equatable {
  /// From the hierarchy's root on.
  var names: [[UInt8]] = []
  /// How many of them, from the first, root has chosen.
  var named = Int.max

  /// Whether a container of this name in the path has this ID: what root has called so has the
  /// name's, anything else one that only this path gives.
  func gives(_ id: ContainerID, named name: [UInt8]) -> Bool {
    names.indices.contains { index in
      guard names[index].contains(name) else { return false }
      return id
        == (index < named ? ContainerID(runtimeID: name) : ContainerID(delegated: path(index)))
    }
  }

  private func path(_ last: Int) -> [UInt8] {
    names[...last].flatMap { [UInt8(ascii: "/")] + $0 }
  }
}
