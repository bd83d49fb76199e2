// SPDX-License-Identifier: Apache-2.0

/// Which containers are nested in which, by what events have named together.
///
/// A task's list states it (`contid=4,^2,^1`). The lists of namespaces and sessions, and the record of a
/// container's end, name containers one by one.
struct ContainerNesting {
  /// By nested container: those around it, the innermost first.
  private var around: [ContainerID: [ContainerID]] = [:]

  /// The most nested containers that are remembered. With more, all are forgotten, until an event names them
  /// again.
  static let most = 4096

  /// Takes what the lists of an event state.
  mutating func learn(_ event: borrowing AuditEvent) {
    learn(event.actorContainers, isWhole: true)
    for record in event.namespaces {
      learn(record.containers, isWhole: record.op != .assign && record.op != .release)
    }
    for record in event.containers {
      learn(record.old, isWhole: false)
      if record.begins { around[record.id] = nil }
    }
    if let info = event.info { learn(info.containers, isWhole: true) }
  }

  /// The same of an event of the kernel's audit.
  mutating func learn(_ event: borrowing KernelEvent) {
    for mention in event.mentions where mention.session == nil {
      learn(mention.containers, isWhole: true)
    }
  }

  /// - Parameter isWhole: whether the list is a task's, so that what has no parents in it is nested
  ///   in
  ///   nothing.
  private mutating func learn(_ list: ContainerList, isWhole: Bool) {
    for chain in list.chains where isWhole || chain.count > 1 {
      for (index, element) in chain.enumerated() {
        let outer = chain.dropFirst(index + 1).map(\.id)
        if around[element.id] ?? [] == outer { continue }
        if around.count == Self.most { around.removeAll() }
        around[element.id] = outer.isEmpty ? nil : outer
      }
    }
  }

  /// Whether a container is `viewer`, or nested in it.
  func isSeen(_ id: ContainerID, by viewer: ContainerID) -> Bool {
    id == viewer || (around[id]?.contains(viewer) ?? false)
  }

  /// What `viewer` sees of a list: itself, and what is nested in it.
  func seen(_ list: ContainerList, by viewer: ContainerID) -> ContainerList {
    var seen = ContainerList()
    for chain in list.chains {
      guard chain.count == 1 else {
        let own = chain.firstIndex { $0.id == viewer }
        if let own { seen.elements += chain[...own] }
        continue
      }
      seen.elements += chain.filter { isSeen($0.id, by: viewer) }
    }
    return seen
  }

  /// The containers that an event is about, each once: those that its records name, and those around them.
  func viewers(of event: borrowing AuditEvent) -> [ContainerID] {
    var lists = event.containerMentions.map(\.containers)
    if let record = event.lifecycle, record.granted {
      lists.append(ContainerList([.init(record.id)]))
    }
    return viewers(of: lists)
  }

  /// The same of an event of the kernel's audit.
  func viewers(of event: borrowing KernelEvent) -> [ContainerID] {
    viewers(of: event.mentions.map(\.containers))
  }

  private func viewers(of lists: [ContainerList]) -> [ContainerID] {
    var viewers: [ContainerID] = []
    func add(_ id: ContainerID) {
      if id != .unset, !viewers.contains(id) { viewers.append(id) }
    }
    for element in lists.lazy.flatMap(\.elements) {
      add(element.id)
      for outer in around[element.id] ?? [] { add(outer) }
    }
    return viewers
  }
}

extension ContainerList {
  /// Each container with those that it is nested in.
  fileprivate var chains: [ArraySlice<Element>] {
    let starts = elements.indices.filter { $0 == 0 || !elements[$0].isParent }
    return starts.enumerated().map { place, start in
      elements[start..<(place + 1 < starts.count ? starts[place + 1] : elements.count)]
    }
  }
}
