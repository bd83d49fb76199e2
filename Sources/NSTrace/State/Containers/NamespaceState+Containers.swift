// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

// MARK: - Containers

extension NamespaceState {
  /// The containers that have tasks, and those that sessions are inside, by ID. Takes time in
  /// proportion to tasks and namespaces.
  public var containerSummaries: [ContainerSummary] {
    let visited = sessions.visitedContainers
    let ids = Set(containers.sorted).union(visited.keys).sorted()
    let places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
    var summaries = ids.map { id in
      if let container = containers[id] {
        return ContainerSummary(id: id, name: container.name, sinceNs: container.sinceNs)
      }
      return ContainerSummary(
        id: id, name: visited[id]?.name ?? [], hasEnded: true, sinceNs: visited[id]?.sinceNs ?? 0)
    }
    for (namespace, users) in usage.all where !namespaces[namespace].hasEnded {
      let use = ContainerSummary.Use(
        namespace: namespaces[namespace].id, isHosts: isHosts(namespace),
        containers: self.users(of: namespace))
      for user in users { places[user].map { summaries[$0].namespaces.append(use) } }
    }
    addVisitedNamespaces(to: &summaries, at: places)
    for place in summaries.indices { summaries[place].namespaces.sort(by: Self.isBefore) }
    countTasks(into: &summaries, at: places)
    countVisitors(into: &summaries, at: places)
    addCgroups(to: &summaries, at: places)
    return summaries
  }

  private static func isBefore(_ a: ContainerSummary.Use, _ b: ContainerSummary.Use) -> Bool {
    (a.namespace.kind, a.namespace.inum, a.namespace.nsid)
      < (b.namespace.kind, b.namespace.inum, b.namespace.nsid)
  }

  /// Adds to containers that have ended the namespaces that sessions are inside by.
  private func addVisitedNamespaces(
    to summaries: inout [ContainerSummary], at places: [ContainerID: Int]
  ) {
    for (namespace, ids) in sessions.allPlaces where !namespaces[namespace].hasEnded {
      let use = ContainerSummary.Use(
        namespace: namespaces[namespace].id, isHosts: false, containers: users(of: namespace))
      for place in ids.compactMap({ places[$0] }) where summaries[place].hasEnded {
        summaries[place].namespaces.append(use)
      }
    }
  }

  private func countVisitors(
    into summaries: inout [ContainerSummary], at places: [ContainerID: Int]
  ) {
    if sessions.isEmpty { return }
    tasks.forEach { task in
      for element in sessions.containers(of: session(of: task)).elements {
        if let place = places[element.id] { summaries[place].visitors += 1 }
      }
    }
  }

  /// Whether a task is in a container, or inside one by a session.
  func isInside(_ tid: UInt32) -> Bool {
    guard let index = tasks.find(tid) else { return false }
    return !list(of: tasks[index]).isUnset || session(of: tasks[index]) != 0
  }

  /// The session of a task; 0: none, or its set is not known.
  func session(of task: TaskTable.Entry) -> SessionTable.Number {
    task.set == .unknown ? 0 : sets[task.set][SetTable.sessionLane]
  }

  /// The tasks that carry one list.
  private struct Crew {
    var tasks = 0
    var confined = ConfinementCounts()

    mutating func add(_ confinement: Confinement) {
      tasks += 1
      confined.add(confinement)
    }

    mutating func add(_ other: Crew) {
      tasks += other.tasks
      confined.add(other.confined)
    }
  }

  private func countTasks(
    into summaries: inout [ContainerSummary], at places: [ContainerID: Int]
  ) {
    var crews = Array(repeating: Crew(), count: containers.labelEnd)
    var byList: [ContainerList: Crew] = [:]
    tasks.forEach { task in
      if task.set != .unknown {
        crews[Int(sets[task.set][SetTable.labelLane])].add(task.confinement)
      } else if task.container != 0 {
        byList[list(of: task), default: Crew()].add(task.confinement)
      }
    }
    for (label, crew) in crews.enumerated() where crew.tasks > 0 {
      byList[containers[ContainerTable.Label(label)], default: Crew()].add(crew)
    }
    var all = Array(repeating: Crew(), count: summaries.count)
    for (list, crew) in byList { add(crew, carrying: list, to: &summaries, at: places, &all) }
    for (place, crew) in all.enumerated() where crew.tasks > 0 {
      summaries[place].tasks = crew.tasks
      summaries[place].hasNoNewPrivs = crew.confined.allHaveNoNewPrivs
      summaries[place].seccomp = crew.confined.lowestSeccomp
    }
  }

  private func add(
    _ crew: Crew, carrying list: ContainerList, to summaries: inout [ContainerSummary],
    at places: [ContainerID: Int], _ crews: inout [Crew]
  ) {
    for (index, element) in list.elements.enumerated() {
      guard let place = places[element.id] else { continue }
      crews[place].add(crew)
      let parents = list.elements[(index + 1)...].prefix(while: \.isParent).map(\.id)
      // Equal for all tasks, unless one was also registered elsewhere.
      if Self.isDeeper(parents, than: summaries[place].parents) {
        summaries[place].parents = parents
      }
    }
  }

  private static func isDeeper(_ a: [ContainerID], than b: [ContainerID]) -> Bool {
    a.count == b.count ? a.lexicographicallyPrecedes(b) : a.count > b.count
  }

  /// A task's containers; if its set is unknown, those of its registration number.
  func list(of task: TaskTable.Entry) -> ContainerList {
    guard task.set != .unknown else { return containers.list(ofRegistration: task.container) }
    return containers[sets[task.set][SetTable.labelLane]]
  }
}

// MARK: - Cgroups

extension NamespaceState {
  private func addCgroups(
    to summaries: inout [ContainerSummary], at places: [ContainerID: Int]
  ) {
    var crews: [CgroupID: Crew] = [:]
    var homes: [Int: Set<CgroupID>] = [:]
    tasks.forEach { task in
      guard let key = cgroups.key(of: subjects.cgroups(of: task.subject)) else { return }
      crews[key, default: Crew()].add(task.confinement)
      for element in list(of: task).elements {
        if let place = places[element.id] { homes[place, default: []].insert(key) }
      }
    }
    for (place, keys) in homes {
      summaries[place].cgroups = keys.compactMap { key in
        guard let path = cgroups.path(of: key), let crew = crews[key] else { return nil }
        return ContainerSummary.Cgroup(
          path: path, tasks: crew.tasks, hasNoNewPrivs: crew.confined.allHaveNoNewPrivs,
          seccomp: crew.confined.lowestSeccomp)
      }.sorted { $0.path.bytes.lexicographicallyPrecedes($1.path.bytes) }
    }
  }
}

// MARK: - Tasks

extension NamespaceState {
  /// The tasks of each container, without those of nested ones. Each stands below its parent,
  /// siblings by tid.
  func treeTasks() -> [ContainerID: [TreeTask]] {
    var members: [ContainerID: [TaskTable.Entry]] = [:]
    for task in tasks.sorted {
      let list = list(of: task)
      for element in list.elements where !element.isParent {
        members[element.id, default: []].append(task)
      }
    }
    return members.mapValues { inOrder($0) }
  }

  /// The tasks without an ID in namespaces that containers use, or used when the tasks came in.
  package var visitors: [Visitor] {
    // By set: tasks that share one visit the same containers.
    var known: [[ContainerSummary.Use]?] = Array(repeating: nil, count: sets.places)
    var found: [Visitor] = []
    tasks.forEach { task in
      guard task.set != .unknown, sets[task.set][SetTable.labelLane] == 0 else { return }
      let place = sets.place(of: task.set)
      let uses = known[place] ?? containersUses(of: task)
      known[place] = uses
      if !uses.isEmpty { found.append(Visitor(task: treeTask(task), namespaces: uses)) }
    }
    return found.sorted { $0.task.tid < $1.task.tid }
  }

  private func containersUses(of task: TaskTable.Entry) -> [ContainerSummary.Use] {
    var uses: [ContainerSummary.Use] = []
    for slot in NamespaceSlot.allCases {
      let index = sets[task.set][slot.rawValue]
      let id = namespaces[index].id
      guard !namespaces[index].hasEnded else { continue }
      let users = self.users(of: index)
      let isInside = sets[task.set].inside.contains(slot)
      guard !users.isEmpty || isInside, !uses.contains(where: { $0.namespace == id }) else {
        continue
      }
      let inside = isInside ? sessions.containers(of: session(of: task)).elements.map(\.id) : []
      uses.append(
        ContainerSummary.Use(
          namespace: id, isHosts: false, containers: users + inside.filter { !users.contains($0) }))
    }
    return uses
  }

  private func treeTask(_ task: TaskTable.Entry) -> TreeTask {
    let subject = subjects[task.subject]
    return TreeTask(
      tid: task.tid, tgid: task.tgid, ppid: origin(of: task), comm: subject?.commBytes ?? [],
      exe: subjects.exe(of: task.subject), exeMarks: subjects.exeMarks(of: task.subject),
      containers: list(of: task),
      session: task.set == .unknown ? nil : Self.session(in: sets[task.set]))
  }

  /// The tgid of a task's parent. A task with that tid that is not older has taken the tid since.
  func origin(of task: TaskTable.Entry) -> UInt32? {
    let subject = subjects[task.subject]
    let isOwn = subject?.task.tid == task.tid && subject?.task.start_ns == task.startNs
    let parent = isOwn ? subject?.ppid ?? 0 : task.forker
    guard let index = tasks.find(parent), tasks[index].startNs < task.startNs else { return nil }
    return parent
  }

  /// Depth first. A thread stands below its process's leader. No task is its own ancestor, because
  /// a parent is older.
  private func inOrder(_ members: [TaskTable.Entry]) -> [TreeTask] {
    var rows = members.map { treeTask($0) }
    let places = Dictionary(
      rows.enumerated().map { ($1.tid, $0) }, uniquingKeysWith: { first, _ in first })
    var children: [[Int]] = Array(repeating: [], count: rows.count)
    var next: [Int] = []
    for (place, row) in rows.enumerated() {
      let above = row.tid == row.tgid ? row.ppid : row.tgid
      let parent = above.flatMap { places[$0] }
      // Only a process's leader may be a parent. In a hostile stream a thread's leader may itself
      // be a thread below this one.
      if let parent, rows[parent].tid == rows[parent].tgid {
        children[parent].append(place)
      } else {
        next.append(place)
      }
    }
    var order: [TreeTask] = []
    order.reserveCapacity(rows.count)
    next.reverse()
    while let place = next.popLast() {
      order.append(rows[place])
      for child in children[place].reversed() {
        rows[child].depth = rows[place].depth + 1
        next.append(child)
      }
    }
    return order
  }
}
