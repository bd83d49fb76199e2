// SPDX-License-Identifier: Apache-2.0

/// The containers that use each namespace (RFC R8), in the order in which they came, and how many
/// sets of each container's tasks hold it. The host's namespaces are counted, too;
/// `NamespaceState.users(of:)` leaves them out.
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
  /// The changes since they were last taken.
  private(set) var changes: [Change] = []

  /// Whether no container uses any namespace.
  var isEmpty: Bool { uses.isEmpty }

  /// Drops the changes of a namespace that has ended: it gets no more records, and its index may be
  /// reused.
  mutating func removeChanges(of namespace: NamespaceTable.Index) {
    changes.removeAll { $0.namespace == namespace }
  }

  mutating func removeChanges() { changes.removeAll(keepingCapacity: true) }

  /// The containers that use a namespace, in the order in which they came.
  func users(of namespace: NamespaceTable.Index) -> [ContainerID] {
    (uses[namespace] ?? []).map(\.id)
  }

  /// Each namespace with its containers, in the order in which they came.
  var all: some Sequence<(namespace: NamespaceTable.Index, containers: [ContainerID])> {
    uses.lazy.map { ($0.key, $0.value.map(\.id)) }
  }

  /// The number of sets of each container's tasks that hold each namespace.
  var counts: [NamespaceTable.Index: [ContainerID: Int]] {
    uses.mapValues { uses in
      Dictionary(uses.map { ($0.id, $0.sets) }, uniquingKeysWith: +)
    }
  }

  /// Counts one more set, whose tasks carry `list`, for each of the namespaces.
  mutating func add(_ list: ContainerList, to namespaces: Set<NamespaceTable.Index>) {
    for namespace in namespaces.sorted() {
      for element in list.elements { add(element.id, to: namespace) }
    }
  }

  /// Counts one such set fewer.
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

  /// A join and a leave within one event cancel out.
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
