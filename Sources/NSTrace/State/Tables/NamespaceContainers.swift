// SPDX-License-Identifier: Apache-2.0

/// The containers that use each namespace (RFC R8), in the order in which they came, and how many
/// sets of each container's tasks hold it. The host's namespaces are counted, too;
/// `NamespaceState.users(of:)` leaves them out.
///
/// A container that comes or goes costs the same however many use the namespace.
struct NamespaceContainers {
  /// A container ID that joined or left a namespace's list (R12).
  struct Change {
    var namespace: NamespaceTable.Index
    var container: ContainerID
    var joined: Bool
  }

  private struct Key: Hashable {
    var namespace: NamespaceTable.Index
    var container: ContainerID
  }

  private var uses: [NamespaceTable.Index: Arrivals<ContainerID>] = [:]
  /// The changes since they were last taken; nil: a join and a leave have cancelled out.
  private var noted: [Change?] = []
  /// The places of those that are not nil.
  private var places: [Key: Int] = [:]

  /// Whether no container uses any namespace.
  var isEmpty: Bool { uses.isEmpty }

  /// Whether there are changes.
  var hasChanged: Bool { !places.isEmpty }

  /// The changes since they were last taken.
  var changes: [Change] { noted.compactMap(\.self) }

  /// Drops the changes of a namespace that has ended: it gets no more records, and its index may be
  /// reused.
  mutating func removeChanges(of namespace: NamespaceTable.Index) {
    for (place, change) in noted.enumerated() where change?.namespace == namespace {
      forget(at: place)
    }
  }

  mutating func removeChanges() {
    // Emptying a dictionary takes time in proportion to the memory that it keeps.
    let isSmall = noted.count <= 64
    noted.removeAll(keepingCapacity: isSmall)
    places.removeAll(keepingCapacity: isSmall)
  }

  /// Whether a container uses a namespace.
  func isUsed(_ namespace: NamespaceTable.Index, by container: ContainerID) -> Bool {
    uses[namespace]?.contains(container) ?? false
  }

  /// The number of sets of a container's tasks that hold a namespace.
  func count(of container: ContainerID, in namespace: NamespaceTable.Index) -> Int {
    uses[namespace]?.count(of: container) ?? 0
  }

  /// The first `limit` containers that use a namespace, in the order in which they came.
  func users(of namespace: NamespaceTable.Index, limit: Int = .max) -> [ContainerID] {
    uses[namespace]?.first(limit) ?? []
  }

  /// Each namespace with its containers, in the order in which they came.
  var all: some Sequence<(namespace: NamespaceTable.Index, containers: [ContainerID])> {
    uses.lazy.map { ($0.key, $0.value.first(.max)) }
  }

  /// The number of sets of each container's tasks that hold each namespace.
  var counts: [NamespaceTable.Index: [ContainerID: Int]] { uses.mapValues(\.counts) }

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
    guard uses[namespace, default: Arrivals()].add(id) else { return }
    note(Change(namespace: namespace, container: id, joined: true))
  }

  private mutating func remove(_ id: ContainerID, from namespace: NamespaceTable.Index) {
    guard uses[namespace]?.remove(id) == true else { return }
    if uses[namespace]?.isEmpty == true { uses[namespace] = nil }
    note(Change(namespace: namespace, container: id, joined: false))
  }

  /// A join and a leave within one event cancel out.
  private mutating func note(_ change: Change) {
    let key = Key(namespace: change.namespace, container: change.container)
    if let place = places[key] { return forget(at: place) }
    places[key] = noted.count
    noted.append(change)
  }

  private mutating func forget(at place: Int) {
    guard let change = noted[place] else { return }
    noted[place] = nil
    places[Key(namespace: change.namespace, container: change.container)] = nil
    if places.isEmpty { noted.removeAll(keepingCapacity: noted.count <= 64) }
  }
}
