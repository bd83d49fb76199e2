// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

extension NamespaceState {
  /// The bytes of a cgroup's path that are printed, as of a program's.
  static var printedPathLimit: Int { Int(NST_PATH_BYTES) - 1 }

  /// The number of known tasks.
  public var taskCount: Int { tasks.count }

  /// The containers that have tasks, by the records so far.
  package var livingContainers: Set<ContainerID> { Set(containers.sorted) }

  /// The numbers of registrations that tasks carry, by the records so far. All tasks are looked at.
  package var carriedNumbers: Set<UInt32> {
    var numbers: Set<UInt32> = []
    tasks.forEach { if $0.container != 0 { numbers.insert($0.container) } }
    return numbers
  }

  /// How often a container has ended.
  package var containerEnds: UInt64 { containers.endCount }

  /// The number of namespaces in use.
  public var namespaceCount: Int { namespaces.used }

  /// The namespaces in use, by kind and inode number.
  public var summaries: [NamespaceSummary] {
    var users: [NamespaceID: [TaskTable.Entry]] = [:]
    for task in tasks.sorted where task.set != .unknown {
      var told: Set<NamespaceID> = []
      for slot in NamespaceSlot.allCases {
        let index = sets[task.set][slot.rawValue]
        let id = namespaces[index].id
        guard !namespaces[index].isFreed, told.insert(id).inserted else { continue }
        users[id, default: []].append(task)
      }
    }
    return namespaces.sorted.filter { !$0.isFreed }.compactMap { entry in
      users[entry.id].flatMap { summary(of: entry.id, $0) }
    }
  }

  private func summary(of id: NamespaceID, _ users: [TaskTable.Entry]) -> NamespaceSummary? {
    guard let oldest = users.min(by: { ($0.startNs, $0.tid) < ($1.startNs, $1.tid) }) else {
      return nil
    }
    let subject = subjects[oldest.subject]
    return NamespaceSummary(
      namespace: id, tasks: users.count, oldestPid: oldest.tgid, oldestUid: subject?.uid,
      oldestComm: subject?.commBytes ?? [], oldestExe: subjects.exe(of: oldest.subject),
      oldestExeMarks: subjects.exeMarks(of: oldest.subject))
  }

  /// The tasks whose set is known, in the order of tids.
  public var taskSummaries: [TaskSummary] {
    tasks.sorted.compactMap { summary(of: $0) }
  }

  /// The summary of one task; nil: its set is not known.
  func summary(of task: TaskTable.Entry) -> TaskSummary? {
    guard task.set != .unknown else { return nil }
    let subject = subjects[task.subject]
    return TaskSummary(
      tid: task.tid, tgid: task.tgid,
      namespaces: NamespaceSlot.allCases.compactMap { namespace(of: task, in: $0) },
      uid: subject?.uid, auid: subject?.auid, ses: subject?.ses,
      comm: subject?.commBytes ?? [], exe: subjects.exe(of: task.subject),
      exeMarks: subjects.exeMarks(of: task.subject),
      noNewPrivs: task.confinement.hasNoNewPrivs, seccomp: task.confinement.seccomp,
      containers: containers[sets[task.set][SetTable.labelLane]],
      cgroup: cgroups.path(of: subjects.cgroups(of: task.subject))
        .keepingEnd(Self.printedPathLimit))
  }
}
