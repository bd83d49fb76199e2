// SPDX-License-Identifier: Apache-2.0

/// Which containers use a namespace (RFC R8): for each namespace, how many sets of each container's
/// tasks hold it, in the order in which the containers came. The host's own are counted like the
/// others; `NamespaceState.users(of:)` says that they are nobody's.
struct NamespaceContainers {
  /// A container ID that joined or left a namespace's list (R12).
  struct Change {
    var namespace: NamespaceTable.Index
    var container: ContainerID
    var joined: Bool
  }

  private struct Use {
    var id: ContainerID
    var sets: Int
  }

  private var uses: [NamespaceTable.Index: [Use]] = [:]
  /// What has changed since it was last taken.
  private(set) var changes: [Change] = []

  /// No container uses any namespace.
  var isEmpty: Bool { uses.isEmpty }

  /// Of one that has ended nothing more is to be said, and its index may be another's soon.
  mutating func removeChanges(of namespace: NamespaceTable.Index) {
    changes.removeAll { $0.namespace == namespace }
  }

  mutating func removeChanges() { changes.removeAll(keepingCapacity: true) }

  /// All that use a namespace, in the order in which they came.
  func users(of namespace: NamespaceTable.Index) -> [ContainerID] {
    (uses[namespace] ?? []).map(\.id)
  }

  /// Each namespace with all that use it, in the order in which they came.
  var all: some Sequence<(namespace: NamespaceTable.Index, containers: [ContainerID])> {
    uses.lazy.map { ($0.key, $0.value.map(\.id)) }
  }

  /// How many sets of each container's tasks hold each namespace.
  var counts: [NamespaceTable.Index: [ContainerID: Int]] {
    uses.mapValues { uses in
      Dictionary(uses.map { ($0.id, $0.sets) }, uniquingKeysWith: +)
    }
  }

  /// A set of tasks with these IDs holds these namespaces from now on.
  mutating func add(_ list: ContainerList, to namespaces: Set<NamespaceTable.Index>) {
    for namespace in namespaces.sorted() {
      for element in list.elements { add(element.id, to: namespace) }
    }
  }

  /// A set of tasks with these IDs is gone.
  mutating func remove(_ list: ContainerList, from namespaces: Set<NamespaceTable.Index>) {
    for namespace in namespaces.sorted() {
      for element in list.elements { remove(element.id, from: namespace) }
    }
  }

  private mutating func add(_ id: ContainerID, to namespace: NamespaceTable.Index) {
    if let index = uses[namespace]?.firstIndex(where: { $0.id == id }) {
      uses[namespace]?[index].sets += 1
      return
    }
    uses[namespace, default: []].append(Use(id: id, sets: 1))
    note(id, namespace, joined: true)
  }

  private mutating func remove(_ id: ContainerID, from namespace: NamespaceTable.Index) {
    guard let index = uses[namespace]?.firstIndex(where: { $0.id == id }) else { return }
    uses[namespace]?[index].sets -= 1
    guard uses[namespace]?[index].sets == 0 else { return }
    uses[namespace]?.remove(at: index)
    if uses[namespace]?.isEmpty == true { uses[namespace] = nil }
    note(id, namespace, joined: false)
  }

  /// A join and a leave within one event are no change.
  private mutating func note(_ id: ContainerID, _ namespace: NamespaceTable.Index, joined: Bool) {
    let opposite = changes.firstIndex {
      $0.namespace == namespace && $0.container == id && $0.joined != joined
    }
    if let opposite {
      changes.remove(at: opposite)
    } else {
      changes.append(Change(namespace: namespace, container: id, joined: joined))
    }
  }
}
