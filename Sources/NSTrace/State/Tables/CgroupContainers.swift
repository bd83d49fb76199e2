// SPDX-License-Identifier: Apache-2.0

/// The containers that a cgroup's path names.
struct CgroupContainers: Equatable {
  /// Innermost first, the others as its parents.
  var list = ContainerList()
  /// The runtimes' names for them, in the same order.
  var names: [[UInt8]] = []

  init() {}

  /// Of too many the outer ones are kept: a task that may make cgroups chooses only the names
  /// inside its own.
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
