// SPDX-License-Identifier: Apache-2.0

extension NamespaceState {
  /// The broken invariants, a sentence each; there should be none. For tests: it reads the whole
  /// state.
  func checkInvariants() -> [String] {
    checkTasks() + checkNamespaces() + checkContainers() + checkUsage() + checkSessions()
      + cgroups.checkRows() + checkCrowds()
  }

  /// Checks that a subject is confined as its tasks are, and that exactly the cgroups with tasks
  /// are counted.
  private func checkCrowds() -> [String] {
    var broken: [String] = []
    var cgroups: Set<CgroupID> = []
    for task in tasks.sorted where task.subject != .unknown {
      let cgroup = subjects.cgroups(of: task.subject).flagged
      if let cgroup { cgroups.insert(cgroup) }
      if subjects.confinement(of: task.subject) != (cgroup == nil ? nil : task.confinement) {
        broken.append("task \(task.tid) is not confined as its subject is")
      }
    }
    if cgroups.count != subjects.crowds.count || subjects.crowds.hasReconfined {
      broken.append("\(cgroups.count) cgroups with tasks, counted \(subjects.crowds.count)")
    }
    return broken
  }

  /// Checks that each set has as many tasks as it counts, each subject as many users, and that
  /// there are no others.
  private func checkTasks() -> [String] {
    var broken: [String] = []
    var members: [SetTable.ID: Int] = [:]
    var users: [SubjectTable.ID: Int] = [:]
    let tasks = self.tasks.sorted
    for task in tasks {
      members[task.set, default: 0] += 1
      users[task.subject, default: 0] += 1
      if self.tasks.find(task.tid) == nil { broken.append("task \(task.tid) is not found") }
    }
    members[.unknown] = nil
    users[.unknown] = nil
    if Set(tasks.map(\.tid)).count != tasks.count { broken.append("a tid is there twice") }
    if tasks.count != self.tasks.count {
      broken.append("\(tasks.count) tasks, counted \(self.tasks.count)")
    }
    if members.count != sets.count {
      broken.append("\(members.count) sets with tasks, counted \(sets.count)")
    }
    if users.count != subjects.count {
      broken.append("\(users.count) subjects with tasks, counted \(subjects.count)")
    }
    for (id, count) in members where sets.tasks(in: id) != count {
      broken.append("a set of \(count) tasks counts \(sets.tasks(in: id))")
    }
    for (id, count) in users where subjects.users(of: id) != count {
      broken.append("a subject of \(count) tasks counts \(subjects.users(of: id))")
    }
    return broken
  }

  /// Checks that each namespace has as many users as there are slots of sets that hold it, that one
  /// without users is remembered as unused, and that there are no more of those than the limit.
  private func checkNamespaces() -> [String] {
    var broken: [String] = []
    var users: [NamespaceTable.Index: UInt32] = [:]
    for set in Set(tasks.sorted.map(\.set)) where set != .unknown {
      for slot in NamespaceSlot.allCases {
        let index = sets[set][slot.rawValue]
        users[index, default: 0] += 1
        if namespaces[index].id.kind != slot.kind {
          broken.append("\(namespaces[index].id) is in slot \(slot)")
        }
      }
    }
    for (index, count) in users where namespaces[index].users != count {
      broken.append(
        "\(namespaces[index].id) in \(count) slots counts \(namespaces[index].users) users")
    }
    for (index, _) in users
    where (namespaces.find(namespaces[index].id) == index) == namespaces[index].isFreed {
      broken.append("\(namespaces[index].id) is not found, or freed and found")
    }
    let freed = users.keys.filter { namespaces[$0].isFreed }
    if freed.count != namespaces.freedCount {
      broken.append("\(freed.count) are freed and used, counted \(namespaces.freedCount)")
    }
    let used = users.keys.filter { !namespaces[$0].hasEnded }
    if used.count != namespaces.used {
      broken.append("\(used.count) namespaces in use, counted \(namespaces.used)")
    }
    return broken + namespaces.checkUnused()
  }
}

extension NamespaceTable {
  /// Checks that every namespace is in use or in the list of unused ones, and that the list is
  /// whole.
  fileprivate func checkUnused() -> [String] {
    var broken: [String] = []
    let unused = self.unused
    if unused.count != buried { broken.append("\(unused.count) unused, counted \(buried)") }
    if buried > Self.tombstoneLimit { broken.append("\(buried) unused are remembered") }
    if count != used + buried - freedUntoldCount {
      broken.append("\(count) known, \(used) used, \(buried) unused")
    }
    for id in unused {
      guard let index = find(id), !isUsed(index) else {
        broken.append("\(id) is remembered as unused and is not")
        continue
      }
    }
    return broken
  }
}
