// SPDX-License-Identifier: Apache-2.0

// MARK: - Which containers use a namespace

/// The host's own namespaces are nobody's: whoever uses them, they have no list of containers (R8),
/// no ID joins or leaves one (R12), and nobody is a guest there (T4, T12). That is decided here alone.
extension NamespaceState {
  /// Whether it is one of the host's own, by the HOST record.
  func isHosts(_ id: NamespaceID) -> Bool { hosts.contains(id) }

  func isHosts(_ index: NamespaceTable.Index) -> Bool { isHosts(namespaces[index].id) }

  /// The containers that use a namespace, in the order in which they came.
  func users(of index: NamespaceTable.Index) -> [ContainerID] {
    usage.isEmpty || isHosts(index) ? [] : usage.users(of: index)
  }

  /// A namespace's list, as `ns-contid=` has it: those that use it, without nesting. No more than
  /// `listLimit` of them, those that came first; `but` is left out.
  func list(of index: NamespaceTable.Index, but left: ContainerID? = nil) -> ContainerList {
    ContainerList(
      users(of: index).lazy.filter { $0 != left }.prefix(Self.listLimit)
        .map { ContainerList.Element($0) })
  }

  /// ausearch takes no line of 8,560 bytes or more; an ID has up to 37 with its comma.
  static let listLimit = 200

  /// R12: the IDs that joined or left a namespace's list since this was last asked.
  mutating func takeListChanges() -> [NamespaceContainers.Change] {
    let changes = usage.changes.filter { !isHosts($0.namespace) }
    usage.removeChanges()
    return changes
  }
}
