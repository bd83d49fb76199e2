// SPDX-License-Identifier: Apache-2.0

/// Of the sets that `NamespaceContainers` counts, those whose tasks do not live in a namespace: T4's visitors,
/// and, for the outer ones of a task's IDs, the tasks of containers that are nested.
///
/// Nearly no set is here, so that a set costs nothing unless its tasks are in a session or nested.
struct NamespaceVisits {
  /// How many sets of a container's tasks hold a namespace so.
  struct Counts: Equatable {
    /// Only by slots by which they are inside other containers.
    var visits = 0
    /// The container is not their innermost one; they are no visitors.
    var nested = 0

    var sum: Int { visits + nested }
  }

  private(set) var counts: [NamespaceTable.Index: [ContainerID: Counts]] = [:]

  /// The counts of a namespace by container.
  subscript(namespace: NamespaceTable.Index) -> [ContainerID: Counts] {
    counts[namespace] ?? [:]
  }

  /// Counts one more set, or one fewer, whose tasks carry `list`.
  /// - Parameter sign: 1 or -1.
  mutating func count(_ slots: SetTable.Slots, _ list: ContainerList, _ sign: Int) {
    if slots.inside.isEmpty && !list.elements.contains(where: \.isParent) { return }
    for namespace in NamespaceState.distinct(slots) {
      let isVisit = slots.isVisit(to: namespace)
      for element in list.elements where isVisit || element.isParent {
        count(element.id, in: namespace, isVisit, sign)
      }
    }
  }

  private mutating func count(
    _ id: ContainerID, in namespace: NamespaceTable.Index, _ isVisit: Bool, _ sign: Int
  ) {
    var own = counts[namespace]?[id] ?? Counts()
    if isVisit { own.visits += sign } else { own.nested += sign }
    counts[namespace, default: [:]][id] = own.sum == 0 ? nil : own
    if counts[namespace]?.isEmpty == true { counts[namespace] = nil }
  }
}

extension SetTable.Slots {
  /// Whether all slots that hold the namespace are slots by which the tasks are inside other containers.
  func isVisit(to namespace: NamespaceTable.Index) -> Bool {
    let inside = self.inside
    return SlotSet.all.allSatisfy { self[$0.rawValue] != namespace || inside.contains($0) }
  }
}
