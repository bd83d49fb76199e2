// SPDX-License-Identifier: Apache-2.0

extension AuditEvent {
  /// About how many bytes it takes: itself, its records, and the IDs that they list.
  var roomBytes: Int {
    let entrants = sessions.reduce(0) { $0 + MemoryLayout<SessionRecord>.stride + $1.exe.count }
    return MemoryLayout<Self>.stride + exe.count + proctitle.count + entrants
      + MemoryLayout<NamespaceRecord>.stride * namespaces.count
      + MemoryLayout<ContainerRecord>.stride * containers.count
      + MemoryLayout<ContainerList.Element>.stride * listedCount
  }

  private var listedCount: Int {
    let namespaced = namespaces.reduce(0) {
      $0 + $1.containers.elements.count + $1.namespaceContainers.elements.count
    }
    let registered = containers.reduce(0) { $0 + $1.old.elements.count }
    return namespaced + registered + visits.reduce(0) { $0 + $1.containers.elements.count }
  }
}
