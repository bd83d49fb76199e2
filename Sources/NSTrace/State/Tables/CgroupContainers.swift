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
  /// - Parameter believed: the number of the path's components that root has named. A name behind
  ///   them gives an ID of its own, so that nobody can take another container's.
  init(
    path: [UInt8], _ spellings: [CgroupSpelling] = CgroupSpelling.known, believed: Int = .max
  ) {
    let components = path.split(separator: CgroupPath.slash)
    for container in CgroupPath.containers(in: components, spellings, believed: believed) {
      let id =
        container.place < believed
        ? ContainerID(runtimeID: container.name)
        : ContainerID(delegated: Self.path(of: components[...container.place]))
      guard !id.isUnset, !list.contains(id) else { continue }
      list.elements.insert(.init(id), at: 0)
      names.insert(container.name, at: 0)
    }
    for index in list.elements.indices.dropFirst() { list.elements[index].isParent = true }
  }

  private static func path(of components: ArraySlice<ArraySlice<UInt8>>) -> [UInt8] {
    components.flatMap { [CgroupPath.slash] + $0 }
  }
}
