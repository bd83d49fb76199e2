// SPDX-License-Identifier: Apache-2.0

/// The containers with their tasks, nested ones below the one that they are in, and the tasks that
/// are in their namespaces from outside.
package struct ContainerTree: Sendable, Equatable {
  package struct Node: Sendable, Equatable {
    package var container: ContainerSummary
    /// The number of containers above it.
    package var depth: Int
    /// The tasks in it directly, in the order of the listing.
    package var tasks: [TreeTask]
  }

  /// In the order of the listing: a container, then those in it, each by ID.
  package var nodes: [Node] = []
  /// By tid.
  package var visitors: [Visitor]

  package init(_ state: borrowing NamespaceState) {
    visitors = state.visitors
    let containers = state.containerSummaries
    let tasks = state.treeTasks()
    for (place, depth) in Self.order(containers) {
      nodes.append(
        Node(
          container: containers[place], depth: depth, tasks: tasks[containers[place].id] ?? []))
    }
  }

  /// Depth first. Two containers may each be the other's parent, if tasks were registered in
  /// different orders. The one with the lower ID then comes first.
  private static func order(_ containers: [ContainerSummary]) -> [(place: Int, depth: Int)] {
    let places = Dictionary(uniqueKeysWithValues: containers.enumerated().map { ($1.id, $0) })
    var nested: [[Int]] = Array(repeating: [], count: containers.count)
    var roots: [Int] = []
    for (place, container) in containers.enumerated() {
      let parent = container.parents.first.flatMap { places[$0] }
      if let parent { nested[parent].append(place) } else { roots.append(place) }
    }
    var isShown = Array(repeating: false, count: containers.count)
    var order: [(place: Int, depth: Int)] = []
    for root in roots + containers.indices {
      var next = [(place: root, depth: 0)]
      while let node = next.popLast() {
        if isShown[node.place] { continue }
        isShown[node.place] = true
        order.append(node)
        next += nested[node.place].reversed().map { ($0, node.depth + 1) }
      }
    }
    return order
  }
}
