// SPDX-License-Identifier: Apache-2.0

// MARK: - Containers of a namespace

/// The host's own namespaces belong to no container: they have no list (R8), no ID joins or leaves
/// one (R12), and no task is a visitor there (T4, T12). Only this extension decides that.
extension NamespaceState {
  /// Whether it is one of the host's own, by the HOST record.
  func isHosts(_ id: NamespaceID) -> Bool { hosts.contains(id) }

  func isHosts(_ index: NamespaceTable.Index) -> Bool { isHosts(namespaces[index].id) }

  /// The containers that use a namespace, in the order in which they came; none for the host's.
  func users(of index: NamespaceTable.Index) -> [ContainerID] {
    usage.isEmpty || isHosts(index) ? [] : usage.users(of: index)
  }

  /// Whether any namespace has a list.
  var hasLists: Bool { !usage.isEmpty || !stains.isEmpty }

  /// A namespace's list, as `ns-contid=` has it: the containers that have stained it and do not use it
  /// any more (T2), then those that use it, without nesting. The first `listLimit` of them, without
  /// `left`.
  func list(of index: NamespaceTable.Index, but left: ContainerID? = nil) -> ContainerList {
    if !hasLists || isHosts(index) { return ContainerList() }
    // One more, because `left` may be among them.
    let limit = Self.listLimit + 1
    let ids = remains(of: index, limit: limit) + usage.users(of: index, limit: limit)
    return Self.printed(ids.filter { $0 != left })
  }

  /// The list of a namespace that no task used before.
  func listLeft(on index: NamespaceTable.Index) -> ContainerList {
    stains.isEmpty || isHosts(index)
      ? ContainerList() : Self.printed(remains(of: index, limit: Self.listLimit))
  }

  private static func printed(_ ids: [ContainerID]) -> ContainerList {
    ContainerList(ids.prefix(listLimit).map { ContainerList.Element($0) })
  }

  /// T4: whose inside a namespace is, by the first `listLimit` containers; nobody's if it is the host's. A
  /// visitor's own containers are not there by the visit.
  func inside(of index: NamespaceTable.Index) -> NamespaceInside {
    if isHosts(index) { return NamespaceInside() }
    let inside = living(in: index)
    if !inside.residents.isEmpty { return inside }
    let visited = sessions.containers(in: index, limit: Self.listLimit)
    let left = visited.isEmpty ? remains(of: index, limit: Self.listLimit) : visited
    return NamespaceInside(containers: inside.containers.union(left))
  }

  private func living(in index: NamespaceTable.Index) -> NamespaceInside {
    let users = usage.users(of: index, limit: Self.listLimit)
    let others = visits[index]
    if others.isEmpty { return NamespaceInside(residents: Set(users), containers: Set(users)) }
    var inside = NamespaceInside()
    for id in users {
      let sets = usage.count(of: id, in: index)
      let other = others[id] ?? NamespaceVisits.Counts()
      if sets > other.sum { inside.residents.insert(id) }
      if sets > other.visits { inside.containers.insert(id) }
    }
    return inside
  }

  /// ausearch takes no line of 8,560 bytes or more; an ID has up to 37 with its comma.
  static let listLimit = 200

  /// Whether `takeListChanges` may have something to give.
  var hasListChanges: Bool { usage.hasChanged || stains.hasFresh }

  /// R12: the IDs that joined or left a namespace's list since the last call. A stain joins once, and
  /// never leaves (T2).
  mutating func takeListChanges() -> [NamespaceContainers.Change] {
    let changes = usage.changes.filter {
      !isHosts($0.namespace) && !isStained($0.namespace, with: $0.container)
    }
    usage.removeChanges()
    return changes + stains.takeFresh()
  }
}
