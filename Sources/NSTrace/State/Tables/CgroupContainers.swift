// SPDX-License-Identifier: Apache-2.0

/// The containers that a cgroup's path tells of.
struct CgroupContainers: Equatable {
  /// Innermost first, the others as its parents.
  var list = ContainerList()
  /// What the runtimes call them, in the same order.
  var names: [[UInt8]] = []

  init() {}

  /// Whoever may make cgroups names those inside its own: of too many the outer ones are kept.
  init(path: [UInt8], _ spellings: [CgroupSpelling] = CgroupSpelling.known) {
    for name in CgroupPath.containers(in: path, spellings) {
      let id = ContainerID(runtimeID: name)
      guard !id.isUnset, !list.contains(id) else { continue }
      list.elements.insert(.init(id), at: 0)
      names.insert(name, at: 0)
    }
    for index in list.elements.indices.dropFirst() { list.elements[index].isParent = true }
  }
}
