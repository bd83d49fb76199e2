// SPDX-License-Identifier: Apache-2.0

extension NamespaceState {
  private var setsInUse: Set<SetTable.ID> {
    Set(tasks.sorted.map(\.set)).subtracting([.unknown])
  }

  /// Checks that each label has as many users as there are sets with it, that each container has as
  /// many labels as there are lists with it, and that there are no others.
  func checkContainers() -> [String] {
    var broken: [String] = []
    var users: [ContainerTable.Label: Int] = [:]
    var confined: [ContainerID: ConfinementCounts] = [:]
    for set in setsInUse {
      let label = sets[set][SetTable.labelLane]
      users[label, default: 0] += 1
      for element in containers[label].elements {
        confined[element.id, default: ConfinementCounts()].add(Self.confinement(in: sets[set]))
      }
    }
    users[0] = nil
    var labels: [ContainerID: Int] = [:]
    var registered: [ContainerID: Int] = [:]
    for (label, count) in users {
      let list = containers[label]
      if containers.users(of: label) != count {
        broken.append("\(list) in \(count) sets counts \(containers.users(of: label)) users")
      }
      if list.isUnset { broken.append("label \(label) is empty") }
      if list.elements.count > ContainerList.limit { broken.append("\(list) is too long") }
      for element in list.elements {
        labels[element.id, default: 0] += 1
        if containers.origin(of: label) == .registered { registered[element.id, default: 0] += 1 }
      }
    }
    if containers.labelCount != users.count {
      broken.append("\(users.count) labels in use, counted \(containers.labelCount)")
    }
    if labels.keys.sorted() != containers.sorted {
      broken.append("containers \(labels.keys.sorted()) have tasks, known \(containers.sorted)")
    }
    for (id, count) in labels where containers[id]?.labels != count {
      broken.append("container \(id) in \(count) labels counts \(containers[id]?.labels ?? 0)")
    }
    for id in labels.keys where containers[id]?.registered != registered[id] ?? 0 {
      broken.append("container \(id) counts \(containers[id]?.registered ?? 0) registered labels")
    }
    for id in labels.keys where containers[id]?.confined != confined[id] {
      broken.append("container \(id) counts the sets that are confined in each way wrongly")
    }
    for task in tasks.sorted where task.set != .unknown {
      var slots = sets[task.set]
      slots.tag(task.confinement)
      if slots != sets[task.set] {
        broken.append("task \(task.tid) is confined otherwise than its set")
      }
    }
    if containers.registrationCount > ContainerTable.registrationLimit {
      broken.append("\(containers.registrationCount) registrations are remembered")
    }
    return broken
  }

  /// Checks that each namespace's list counts the sets of each container that hold it, and that no
  /// change of it is left unrecorded.
  func checkUsage() -> [String] {
    var counts: [NamespaceTable.Index: [ContainerID: Int]] = [:]
    for set in setsInUse {
      let slots = sets[set]
      let distinct = Set(NamespaceSlot.allCases.map { slots[$0.rawValue] })
      for element in containers[slots[SetTable.labelLane]].elements {
        for namespace in distinct { counts[namespace, default: [:]][element.id, default: 0] += 1 }
      }
    }
    var broken: [String] = []
    if counts != usage.counts { broken.append("namespaces list \(usage.counts), not \(counts)") }
    if usage.hasChanged { broken.append("\(usage.changes.count) changes are untold") }
    return broken + checkVisits()
  }

  /// Checks that of these sets those are counted whose tasks are visitors, or whose list has the container as
  /// an outer one.
  private func checkVisits() -> [String] {
    var counts: [NamespaceTable.Index: [ContainerID: NamespaceVisits.Counts]] = [:]
    for set in setsInUse {
      let slots = sets[set]
      for namespace in Self.distinct(slots) {
        let isVisit = NamespaceSlot.allCases.filter { slots[$0.rawValue] == namespace }
          .allSatisfy { slots.inside.contains($0) }
        for element in containers[slots[SetTable.labelLane]].elements
        where isVisit || element.isParent {
          var count = counts[namespace]?[element.id] ?? NamespaceVisits.Counts()
          if isVisit { count.visits += 1 } else { count.nested += 1 }
          counts[namespace, default: [:]][element.id] = count
        }
      }
    }
    return counts == visits.counts ? [] : ["visits are \(visits.counts), not \(counts)"]
  }

  /// Checks that each session has as many sets as it counts, that a task is in a session exactly while
  /// it is inside by some slot, and that the containers that sessions are inside are known by their
  /// namespaces.
  func checkSessions() -> [String] {
    var sets: [SessionTable.Number: Int] = [:]
    var places: [NamespaceTable.Index: Set<ContainerID>] = [:]
    var broken: [String] = []
    for set in setsInUse {
      let slots = self.sets[set]
      let number = slots[SetTable.sessionLane]
      if (number == 0) != slots.inside.isEmpty {
        broken.append("session \(number) is nowhere inside")
      }
      if number == 0 { continue }
      sets[number, default: 0] += 1
      for slot in slots.inside {
        places[slots[slot.rawValue], default: []].formUnion(
          sessions.containers(of: number).elements.map(\.id))
      }
    }
    if sets.count != sessions.count {
      broken.append("\(sets.count) sessions with tasks, counted \(sessions.count)")
    }
    for (number, count) in sets where sessions[number]?.sets != count {
      broken.append("session \(number) of \(count) sets counts \(sessions[number]?.sets ?? 0)")
    }
    if places != sessions.allPlaces.mapValues({ Set($0) }) {
      broken.append("sessions are inside by \(places), not \(sessions.allPlaces)")
    }
    if Set(places.values.joined()) != Set(sessions.visitedContainers.keys) {
      broken.append("sessions are inside \(sessions.visitedContainers.keys)")
    }
    return broken
  }
}
